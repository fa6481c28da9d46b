#include "essaim-thumb/page.h"

#include <memory>

namespace essaim::thumb {

namespace {

constexpr int kPageWidth = 768;
constexpr int kPageHeight = 1024;
constexpr int kMargin = 40;
constexpr int kDotsPerInch = 96;
constexpr const char* kFont = "monospace 10";
constexpr double kInk = 40;  // of 255: dark grey
constexpr double kPaper = 255;

struct Free {
  void operator()(char* text) const { g_free(text); }
};
using Text = std::unique_ptr<char, Free>;

// Counts whole characters: `text` is valid UTF-8.
std::string first_columns(const char* line, std::size_t bytes) {
  std::string out;
  const char* at = line;
  const char* end = line + bytes;
  for (std::size_t column = 0; at < end && column < kTextColumnsMax; ++column) {
    const char* next = g_utf8_next_char(at);
    gunichar c = g_utf8_get_char(at);
    if (c == '\t') {
      out += "    ";
    } else if (g_unichar_isprint(c)) {
      out.append(at, next);
    }
    at = next;
  }
  return out;
}

// What is drawn: lines cut to the page, without control characters.
std::string first_lines(const std::string& bytes) {
  Text valid(g_utf8_make_valid(bytes.data(), static_cast<gssize>(bytes.size())));
  std::string whole(valid.get());
  std::string out;
  std::size_t at = whole.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (std::size_t line = 0; line < kTextLinesMax && at < whole.size(); ++line) {
    std::size_t end = std::min(whole.find('\n', at), whole.size());
    out += first_columns(whole.data() + at, end - at);
    out += '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace

VipsImage* draw_page(const std::string& bytes) {
  std::string lines = first_lines(bytes);
  if (lines.find_first_not_of(" \n") == std::string::npos) return nullptr;
  // vips_text reads its text as markup.
  Text markup(g_markup_escape_text(lines.data(), static_cast<gssize>(lines.size())));
  VipsImage* mask = nullptr;
  if (vips_text(&mask, markup.get(), "font", kFont, "dpi", kDotsPerInch, nullptr) != 0) {
    return nullptr;
  }
  // 0 is paper and 255 ink in the mask.
  VipsImage* inked = nullptr;
  VipsImage* page = nullptr;
  VipsImage* bytes_page = nullptr;
  VipsImage* cut = nullptr;
  int width = std::min(vips_image_get_width(mask), kPageWidth - 2 * kMargin);
  int height = std::min(vips_image_get_height(mask), kPageHeight - 2 * kMargin);
  bool drawn = vips_crop(mask, &cut, 0, 0, width, height, nullptr) == 0 &&
               vips_linear1(cut, &inked, -(kPaper - kInk) / kPaper, kPaper, nullptr) == 0 &&
               vips_embed(inked, &page, kMargin, kMargin, kPageWidth, kPageHeight, "extend",
                          VIPS_EXTEND_WHITE, nullptr) == 0 &&
               vips_cast_uchar(page, &bytes_page, nullptr) == 0;
  for (VipsImage* image : {mask, cut, inked, page}) {
    if (image != nullptr) g_object_unref(image);
  }
  if (!drawn) return nullptr;
  return bytes_page;
}

}  // namespace essaim::thumb
