#include "protocols/pictures/initials.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/core/check.h"
#include "base/text/text.h"

namespace essaim::pictures {

namespace {

// --- letters as lines: M moves, L draws a line, Q a curve by a point beside it and its end. A
// point is two letters: x from a to i, left to right; y from a to m, top to bottom.
struct Glyph {
  char letter;
  std::string_view path;
};
constexpr Glyph kGlyphs[] = {
    {'A', "MamLeaLimMbiLhi"},
    {'B', "MaaLamMaaLeaQhahdQhgegLagMegQigijQimemLam"},
    {'C', "MicQgaeaQaaagQamemQgmik"},
    {'D', "MaaLamLcmQimigQiacaLaa"},
    {'E', "MhaLaaLamLhmMagLgg"},
    {'F', "MhaLaaLamMagLgg"},
    {'G', "MicQgaeaQaaagQamemQimigLfg"},
    {'H', "MaaLamMiaLimMagLig"},
    {'I', "MeaLem"},
    {'J', "MgaLgiQgmdmQamaj"},
    {'K', "MaaLamMiaLahMdeLim"},
    {'L', "MaaLamLhm"},
    {'M', "MamLaaLeiLiaLim"},
    {'N', "MamLaaLimLia"},
    {'O', "MeaQaaagQamemQimigQiaea"},
    {'P', "MamLaaLeaQiaidQihehLah"},
    {'Q', "MeaQaaagQamemQimigQiaeaMfjLim"},
    {'R', "MamLaaLeaQiaidQigegLagMegLim"},
    {'S', "MhcQgaeaQaaadQagegQigijQimemQbmak"},
    {'T', "MaaLiaMeaLem"},
    {'U', "MaaLahQamemQimihLia"},
    {'V', "MaaLemLia"},
    {'W', "MaaLcmLeeLgmLia"},
    {'X', "MaaLimMiaLam"},
    {'Y', "MaaLegLiaMegLem"},
    {'Z', "MaaLiaLamLim"},
    {'0', "MeaQbabgQbmemQhmhgQhaea"},
    {'1', "MbdLeaLem"},
    {'2', "MadQaaeaQiaidQifamLim"},
    {'3', "MabQcaeaQhahdQhgegQigijQimemQbmak"},
    {'4', "MgmLgaLaiLii"},
    {'5', "MhaLbaLafQceeeQieiiQimemQbmak"},
    {'6', "MhbQgaeaQaaahQamemQimiiQieeeQaeah"},
    {'7', "MaaLiaLcm"},
    {'8', "MegQagajQamemQimijQigegQbgbdQbaeaQhahdQhgeg"},
    {'9', "MblQcmemQimifQiaeaQaaaeQaieiQiiif"},
};
constexpr double kGlyphWidth = 8;
constexpr double kGlyphHeight = 12;

struct Point {
  double x = 0;
  double y = 0;
};

struct Line {
  Point from;
  Point to;
};

std::string_view path_of(char letter) {
  const auto* found = std::ranges::find(kGlyphs, letter, &Glyph::letter);
  return found == std::end(kGlyphs) ? std::string_view() : found->path;
}

// The lines of a letter in its own units, curves cut into short ones.
std::vector<Line> lines_of(std::string_view path) {
  constexpr int kPieces = 12;
  std::vector<Line> out;
  auto point = [&path](std::size_t at) {
    return Point{static_cast<double>(path[at] - 'a'), static_cast<double>(path[at + 1] - 'a')};
  };
  Point here;
  for (std::size_t at = 0; at < path.size();) {
    char command = path[at];
    Point next = point(at + 1);
    if (command == 'L') out.push_back({here, next});
    if (command == 'Q') {
      Point end = point(at + 3);
      Point last = here;
      for (int i = 1; i <= kPieces; ++i) {
        double t = static_cast<double>(i) / kPieces;
        double a = (1 - t) * (1 - t);
        double b = 2 * t * (1 - t);
        Point to{(a * here.x) + (b * next.x) + (t * t * end.x),
                 (a * here.y) + (b * next.y) + (t * t * end.y)};
        out.push_back({last, to});
        last = to;
      }
      next = end;
    }
    here = next;
    at += command == 'Q' ? 5 : 3;
  }
  return out;
}

// --- a square of 0 (background) to 15 (letter)

constexpr int kLevels = 16;

class Canvas {
 public:
  explicit Canvas(int size)
      : size_(size), pixels_(static_cast<std::size_t>(size) * static_cast<std::size_t>(size)) {}

  void draw(const Line& line, double radius) {
    int left = bound(std::min(line.from.x, line.to.x) - radius - 1);
    int right = bound(std::max(line.from.x, line.to.x) + radius + 1);
    int top = bound(std::min(line.from.y, line.to.y) - radius - 1);
    int bottom = bound(std::max(line.from.y, line.to.y) + radius + 1);
    for (int y = top; y < bottom; ++y) {
      for (int x = left; x < right; ++x) {
        double covered = std::clamp(radius + 0.5 - distance(line, {x + 0.5, y + 0.5}), 0.0, 1.0);
        auto level = static_cast<std::uint8_t>(std::lround(covered * (kLevels - 1)));
        auto& pixel = pixels_[(static_cast<std::size_t>(y) * static_cast<std::size_t>(size_)) +
                              static_cast<std::size_t>(x)];
        pixel = std::max(pixel, level);
      }
    }
  }
  // Its rows as PNG has them: each after the number of its filter, which is none.
  std::string rows() const {
    std::string out;
    out.reserve(pixels_.size() + static_cast<std::size_t>(size_));
    for (std::size_t at = 0; at < pixels_.size(); at += static_cast<std::size_t>(size_)) {
      out.push_back('\0');
      out.append(reinterpret_cast<const char*>(pixels_.data()) + at,
                 static_cast<std::size_t>(size_));
    }
    return out;
  }

 private:
  int bound(double at) const { return std::clamp(static_cast<int>(std::floor(at)), 0, size_); }
  static double distance(const Line& line, Point point) {
    double dx = line.to.x - line.from.x;
    double dy = line.to.y - line.from.y;
    double length = (dx * dx) + (dy * dy);
    double along = ((point.x - line.from.x) * dx) + ((point.y - line.from.y) * dy);
    double t = length > 0 ? std::clamp(along / length, 0.0, 1.0) : 0;
    return std::hypot(point.x - line.from.x - (t * dx), point.y - line.from.y - (t * dy));
  }

  int size_;
  std::vector<std::uint8_t> pixels_;
};

// --- PNG (ISO/IEC 15948 §5, §11)

std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
  return out;
}

void append_chunk(std::string& out, std::string_view type, std::string_view data) {
  std::string body(type);
  body += data;
  out += big_endian(static_cast<std::uint32_t>(data.size()));
  out += body;
  auto sum =
      ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  out += big_endian(static_cast<std::uint32_t>(sum));
}

std::string deflated(std::string_view text) {
  uLongf size = ::compressBound(static_cast<uLong>(text.size()));
  std::string out(size, '\0');
  int code =
      ::compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                  reinterpret_cast<const Bytef*>(text.data()), static_cast<uLong>(text.size()), 6);
  CHECK(code == Z_OK);
  out.resize(size);
  return out;
}

using Colour = std::array<int, 3>;

std::string png_of(const Canvas& canvas, int size, const Colour& ground) {
  std::string palette;
  for (int level = 0; level < kLevels; ++level) {
    for (int part : ground) {
      palette.push_back(static_cast<char>(part + ((255 - part) * level / (kLevels - 1))));
    }
  }
  std::string head = big_endian(static_cast<std::uint32_t>(size));
  head += head;
  head += std::string("\x08\x03\x00\x00\x00", 5);  // eight bits a pixel, by palette
  std::string out = "\x89PNG\r\n\x1a\n";
  append_chunk(out, "IHDR", head);
  append_chunk(out, "PLTE", palette);
  append_chunk(out, "IDAT", deflated(canvas.rows()));
  append_chunk(out, "IEND", {});
  return out;
}

// White letters are read on each of these: at least 4.5 to 1.
constexpr Colour kColours[] = {{0x8a, 0x5a, 0x00}, {0x1b, 0x6e, 0x53}, {0x2f, 0x5d, 0x9e},
                               {0x7a, 0x3e, 0x8e}, {0xa3, 0x3b, 0x3b}, {0x5a, 0x6b, 0x1e},
                               {0x0f, 0x6e, 0x7c}, {0x8c, 0x3f, 0x66}, {0x4a, 0x55, 0x68},
                               {0x9a, 0x4d, 0x1c}, {0x3d, 0x5a, 0x2a}, {0x52, 0x46, 0xa0}};

Colour colour_of(std::string_view uid, Shade shade) {
  std::uint32_t hash = 2'166'136'261U;  // FNV-1a: the same on every machine
  for (char c : text::lower_ascii(uid)) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  // Its low bits alone know little of names that are alike.
  hash = (hash ^ (hash >> 16)) * 0x85eb'ca6bU;
  hash ^= hash >> 13;
  Colour out = kColours[hash % std::size(kColours)];
  if (shade == Shade::dark) {
    for (int& part : out) part = part * 3 / 4;
  }
  return out;
}

// The first letter or digit of a word that can be drawn; 0: none.
char first_of(std::string_view word) {
  for (char c : word) {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    if (c >= '0' && c <= '9') return c;
  }
  return 0;
}

std::string first_and_last(std::string_view text) {
  std::string letters;
  std::string key = text::search_key(text);
  std::string_view left(key);
  while (!left.empty()) {
    auto end = std::min(left.find_first_of(" -_.@"), left.size());
    if (char letter = first_of(left.substr(0, end))) letters.push_back(letter);
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  if (letters.size() > 2) letters = {letters.front(), letters.back()};
  return letters;
}

}  // namespace

std::string initials(std::string_view display, std::string_view uid) {
  auto letters = first_and_last(display);
  return letters.empty() ? first_and_last(uid) : letters;
}

std::string draw_initials(std::string_view letters, std::string_view uid, int size, Shade shade) {
  size = std::clamp(size, kAvatarMin, kAvatarMax);
  Canvas canvas(size);
  double height = size * (letters.size() > 1 ? 0.34 : 0.42);
  double unit = height / kGlyphHeight;
  double step = (kGlyphWidth + 4) * unit;
  double width = (static_cast<double>(letters.size()) * step) - (4 * unit);
  Point corner{(size - width) / 2, (size - height) / 2};
  for (char letter : letters) {
    for (Line line : lines_of(path_of(letter))) {
      for (Point* end : {&line.from, &line.to}) {
        end->x = corner.x + (end->x * unit);
        end->y = corner.y + (end->y * unit);
      }
      canvas.draw(line, unit * 0.85);
    }
    corner.x += step;
  }
  return png_of(canvas, size, colour_of(uid, shade));
}

}  // namespace essaim::pictures
