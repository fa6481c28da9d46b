// What is accepted keeps the limits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "protocols/dav/comments.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim;
  std::string_view body(reinterpret_cast<const char*>(data), size);
  if (auto page = dav::parse_comment_report(body)) {
    if (page->limit < 1 || page->limit > files::kCommentsPerNodeMax) std::abort();
    if (page->skip < 0 || page->skip > files::kCommentSkipMax) std::abort();
  }
  return 0;
}
