#include "formats/qr/qr.h"

#include <qrencode.h>

#include <memory>

namespace essaim::qr {

namespace {
constexpr std::size_t kTextMax = 1'000;  // bytes
constexpr int kQuiet = 4;                // modules (ISO/IEC 18004 §6.3.8)
}  // namespace

Picture draw(std::string_view text) {
  if (text.empty() || text.size() > kTextMax) return {};
  std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M),
      QRcode_free);
  if (!code) return {};
  Picture out{code->width + 2 * kQuiet, {}};
  // One stroke for each run of dark modules in a row.
  for (int y = 0; y < code->width; ++y) {
    const unsigned char* row = code->data + static_cast<std::ptrdiff_t>(y) * code->width;
    for (int x = 0; x < code->width;) {
      int end = x;
      while (end < code->width && (row[end] & 1) != 0) ++end;
      if (end > x) {
        std::string run = std::to_string(end - x);
        out.path += 'M' + std::to_string(x + kQuiet) + ' ' + std::to_string(y + kQuiet) + 'h' + run;
        out.path += "v1h-" + run + 'z';
      }
      x = end + 1;
    }
  }
  return out;
}

}  // namespace essaim::qr
