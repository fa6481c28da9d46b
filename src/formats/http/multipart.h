// Forms with files (multipart/form-data, RFC 7578), read as they arrive.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/error.h"

namespace essaim::http {

inline constexpr std::size_t kBoundaryMax = 70;        // RFC 2046 §5.1.1
inline constexpr std::size_t kPartHeadMax = 8 * 1024;  // bytes
inline constexpr int kPartsMax = 32;                   // of one form

// The boundary that a Content-Type names; none: it is no multipart/form-data, or its boundary has
// other characters than it may.
std::optional<std::string> boundary_of(std::string_view content_type);

// What a form has under one name.
struct Part {
  std::string name;
  bool file = false;  // it has a file name, be it empty: that of a field where nothing was chosen
};

// Who is told of the parts, in their order. An error ends the reading and is passed on.
class PartTaker {
 public:
  virtual ~PartTaker() = default;
  virtual Result<void> begin(const Part& part) = 0;
  // A piece of the part that was begun last; never empty.
  virtual Result<void> take(std::string_view bytes) = 0;
};

// Feed it the body in pieces of any size. Keeps no more than the head of one part, or a boundary,
// beyond the piece it was given. Errors: bad_request for what is no such form, those of the taker.
class Multipart {
 public:
  // `taker` outlives it.
  Multipart(std::string_view boundary, PartTaker& taker);
  Result<void> write(std::string_view bytes);
  // The body is complete. Error: bad_request when the form is not.
  Result<void> finish() const;

 private:
  enum class State : std::uint8_t { before, boundary, head, content, after };

  // True when there may be more to read in what is there.
  Result<bool> step();
  Result<bool> step_content();
  Result<bool> step_boundary();
  Result<bool> step_head();
  Result<void> give(std::string_view bytes);

  std::string delimiter_;  // with the line break that belongs to it
  PartTaker& taker_;
  // The first boundary may stand at the very start; then its line break is this one.
  std::string waiting_ = "\r\n";
  State state_ = State::before;
  int parts_ = 0;
};

}  // namespace essaim::http
