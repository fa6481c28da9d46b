// Each person once, no more than the limit, and no end that is never reached.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "features/files/comments.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim;
  static const std::vector<members::Member> people = [] {
    std::vector<members::Member> out;
    for (const char* uid : {"lea", "marc", "nour b", "a.", "@"}) out.emplace_back().uid = uid;
    return out;
  }();
  auto found =
      files::mentioned(std::string_view(reinterpret_cast<const char*>(data), size), people);
  if (found.size() > people.size()) std::abort();
  std::ranges::sort(found);
  if (std::ranges::adjacent_find(found) != found.end()) std::abort();
  return 0;
}
