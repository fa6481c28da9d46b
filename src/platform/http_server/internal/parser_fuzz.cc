// A head and what follows it: whatever is accepted makes a head that keeps its promises, and a
// chunked body never writes outside its room.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "platform/http_server/internal/chunks.h"
#include "platform/http_server/internal/head.h"
#include "platform/http_server/internal/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace essaim;
  using namespace essaim::http_server;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t scanned = 0;
  auto end = find_head_end(bytes, scanned);
  if (!end) return 0;
  RawHead raw;
  if (parse_head(bytes.substr(0, *end), 50, raw) != 0) return 0;
  bool chunked = raw.chunked;
  static const auto kNetworks = Networks::parse(std::vector<std::string>{"10.0.0.1"}).value();
  http::RequestHead head;
  if (make_head(std::move(raw), {"10.0.0.1", &kNetworks, {}}, head) != 0) return 0;
  if (head.path.empty() || head.path.front() != '/') std::abort();
  if (head.content_length.value_or(0) < 0 || (chunked && head.content_length)) std::abort();
  for (char c : head.host) {
    if (c <= ' ' || c == '/' || (c >= 'A' && c <= 'Z')) std::abort();
  }
  if (!chunked) return 0;
  std::string_view rest = bytes.substr(*end);
  ChunkDecoder decoder;
  std::array<std::byte, 7> out{};
  for (std::size_t shown = 0; shown <= rest.size();) {
    auto step = decoder.decode(rest.substr(0, shown), out);
    if (step.used > shown || step.written > out.size()) std::abort();
    if (step.malformed || step.complete) break;
    rest.remove_prefix(step.used);
    shown -= step.used;
    if (step.used == 0 && step.written == 0) shown += 3;
  }
  return 0;
}
