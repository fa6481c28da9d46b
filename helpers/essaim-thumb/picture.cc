#include "essaim-thumb/picture.h"

#include <unistd.h>
#include <vips/vips.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "essaim-thumb/page.h"

namespace essaim::thumb {

namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using Image = std::unique_ptr<VipsImage, Unref>;
using Source = std::unique_ptr<VipsSource, Unref>;

// The fuzzed decoders, and nothing else of the hundred that Debian builds in.
constexpr const char* kImageLoaders[] = {"VipsForeignLoadJpeg",  "VipsForeignLoadPng",
                                         "VipsForeignLoadNsgif", "VipsForeignLoadWebp",
                                         "VipsForeignLoadHeif",  "VipsForeignLoadTiff"};
constexpr double kOpaque = 255;
// A page of a PDF has no size in pixels; this is for those whose size is nonsense.
constexpr double kPageSideMax = 14'400;  // points, as PDF 1.7 Annex C says

struct Box {
  int width = 1;
  int height = 1;
};

// The size of the whole picture, turned upright, that `order` asks for.
Box target(const Order& order, double width, double height) {
  if (order.mode != Mode::cover) return {order.width, order.height};
  double scale = std::max(order.width / width, order.height / height);
  scale = std::min(scale, kSideMax / std::max(width, height));
  auto side = [&](double length) {
    return std::clamp(static_cast<int>(std::lround(length * scale)), 1, kSideMax);
  };
  return {side(width), side(height)};
}

VipsInteresting cut_of(Mode mode) {
  bool cuts = mode == Mode::crop || mode == Mode::exact;
  return cuts ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE;
}

// Opens by content, whatever the name said; only the header is read.
Image open_header(const Source& source) {
  const char* loader = vips_foreign_find_load_source(source.get());
  if (loader == nullptr) return nullptr;
  return Image(
      vips_image_new_from_source(source.get(), "", "access", VIPS_ACCESS_SEQUENTIAL, nullptr));
}

Exit from_source(const Order& order, Image& out) {
  Source source(vips_source_new_from_descriptor(STDIN_FILENO));
  if (!source) return Exit::unreadable;
  Box box;
  const char* profile = nullptr;
  {
    Image header = open_header(source);
    if (!header) return Exit::unreadable;
    double width = vips_image_get_width(header.get());
    double height = vips_image_get_page_height(header.get());
    if (order.kind == Kind::image) {
      double pages = std::max(1, vips_image_get_height(header.get()) / std::max(1, int(height)));
      if (width * height * pages > double(kPixelsMax)) return Exit::too_large;
    } else if (std::max(width, height) > kPageSideMax) {
      return Exit::too_large;
    }
    if (vips_image_get_orientation_swap(header.get()) != 0) std::swap(width, height);
    box = target(order, width, height);
    // Colours that are said to be others than sRGB (phones' are) are brought there; the rest stays.
    if (vips_image_get_typeof(header.get(), VIPS_META_ICC_NAME) != 0) profile = "srgb";
  }
  VipsImage* small = nullptr;
  // A drawing has no natural size, so only photographs are kept from growing.
  bool grows = order.kind != Kind::image || order.mode == Mode::exact;
  VipsSize size = grows ? VIPS_SIZE_BOTH : VIPS_SIZE_DOWN;
  int failed = vips_thumbnail_source(source.get(), &small, box.width, "height", box.height, "size",
                                     size, "crop", cut_of(order.mode), "export_profile", profile,
                                     "option_string", "[fail_on=error]", nullptr);
  if (failed != 0) return Exit::unreadable;
  out.reset(small);
  return Exit::done;
}

Exit from_text(const Order& order, Image& out) {
  std::string bytes(kTextBytesMax, '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    ssize_t got = ::read(STDIN_FILENO, bytes.data() + have, bytes.size() - have);
    if (got < 0) return Exit::unreadable;
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  // No text has a NUL: a picture or an archive under a wrong name.
  if (bytes.find('\0') != std::string::npos) return Exit::unreadable;
  Image page(draw_page(bytes));
  if (!page) return Exit::unreadable;
  Box box = target(order, vips_image_get_width(page.get()), vips_image_get_height(page.get()));
  VipsImage* small = nullptr;
  int failed = vips_thumbnail_image(page.get(), &small, box.width, "height", box.height, "size",
                                    VIPS_SIZE_DOWN, "crop", cut_of(order.mode), nullptr);
  if (failed != 0) return Exit::unreadable;
  out.reset(small);
  return Exit::done;
}

// Decodes all of it, and drops a transparency that hides nothing: a JPEG is a tenth of a PNG.
Image whole(const Image& lazy) {
  Image image(vips_image_copy_memory(lazy.get()));
  if (!image || vips_image_hasalpha(image.get()) == 0) return image;
  int bands = vips_image_get_bands(image.get());
  VipsImage* alpha = nullptr;
  if (vips_extract_band(image.get(), &alpha, bands - 1, nullptr) != 0) return nullptr;
  Image owned(alpha);
  double least = 0;
  if (vips_min(alpha, &least, nullptr) != 0) return nullptr;
  if (least < kOpaque) return image;
  VipsImage* opaque = nullptr;
  if (vips_extract_band(image.get(), &opaque, 0, "n", bands - 1, nullptr) != 0) return nullptr;
  return Image(opaque);
}

Exit encode(const Image& image, Format format, std::string& out) {
  VipsImage* plain = nullptr;
  if (vips_colourspace(image.get(), &plain, VIPS_INTERPRETATION_sRGB, nullptr) != 0) {
    return Exit::unreadable;
  }
  Image srgb(plain);
  void* bytes = nullptr;
  std::size_t size = 0;
  bool png = format == Format::png || vips_image_hasalpha(plain) != 0;
  int failed = png ? vips_pngsave_buffer(plain, &bytes, &size, "strip", TRUE, "compression",
                                         kPngEffort, "bitdepth", 8, nullptr)
                   : vips_jpegsave_buffer(plain, &bytes, &size, "strip", TRUE, "Q", kJpegQuality,
                                          "optimize_coding", TRUE, nullptr);
  if (failed != 0) return Exit::unreadable;
  out.assign(static_cast<const char*>(bytes), size);
  g_free(bytes);
  return Exit::done;
}

}  // namespace

void narrow(Kind kind) {
  vips_operation_block_set("VipsForeignLoad", TRUE);
  if (kind == Kind::image) {
    for (const char* loader : kImageLoaders) vips_operation_block_set(loader, FALSE);
  }
  if (kind == Kind::pdf) vips_operation_block_set("VipsForeignLoadPdf", FALSE);
  // One picture a process: nothing to remember, no second thread of work.
  vips_cache_set_max(0);
  vips_concurrency_set(1);
}

Exit make(const Order& order, std::string& out) {
  Image lazy;
  Exit read = order.kind == Kind::text ? from_text(order, lazy) : from_source(order, lazy);
  if (read != Exit::done) return read;
  Image image = whole(lazy);
  if (!image) return Exit::unreadable;
  return encode(image, order.format, out);
}

}  // namespace essaim::thumb
