// CHECK: a promise the code makes to itself, kept in release builds too. A broken one throws
// CheckFailure, which only the lane and the root of a loop task catch: the request answers 500, the
// space lives on.
#pragma once

#include <stdexcept>

namespace essaim {

class CheckFailure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace essaim

#define CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::essaim::check_failed(#condition, __FILE__, __LINE__))
