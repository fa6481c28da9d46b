// A form is read alike whole and in pieces.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/http/multipart.h"

namespace {

class Kept : public essaim::http::PartTaker {
 public:
  essaim::Result<void> begin(const essaim::http::Part& part) override {
    said += "\n" + part.name + (part.file ? " file " : " field ");
    return {};
  }
  essaim::Result<void> take(std::string_view bytes) override {
    if (bytes.empty()) std::abort();
    said += bytes;
    return {};
  }
  std::string said;
};

// What was read before it ended, and how it ended.
std::string read(std::string_view body, std::size_t piece) {
  Kept kept;
  essaim::http::Multipart form("b0", kept);
  for (std::size_t at = 0; at < body.size(); at += piece) {
    if (!form.write(body.substr(at, piece))) return "refused";
  }
  return form.finish() ? kept.said : "cut";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)essaim::http::boundary_of(text);
  if (read(text, size + 1) != read(text, 3)) std::abort();
  return 0;
}
