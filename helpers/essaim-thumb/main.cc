// essaim-thumb KIND MODE WIDTHxHEIGHT [png]
//
// Reads one file from descriptor 0, writes its preview to descriptor 1. KIND is image, pdf or text;
// MODE fill, cover, crop or, of an image, exact; the box at most 4096 on a side. With `png` it is a
// PNG whatever it shows. The exit code is an Exit (picture.h).
// Started by the server with its limits set (src/platform/child); shuts itself in before it reads.
//
// essaim-thumb check
//
// Says which kinds this machine can do: "images" or "images documents".
#include <sys/stat.h>
#include <unistd.h>
#include <vips/vips.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "essaim-thumb/picture.h"
#include "sandbox/sandbox.h"

namespace essaim::thumb {

namespace {

constexpr off_t kBytesMax = 256 * 1024 * 1024;  // of a source file

// Says it before the libraries are started, which read the environment.
void set_environment() {
  ::setenv("VIPS_BLOCK_UNTRUSTED", "1", 1);
  ::setenv("VIPS_CONCURRENCY", "1", 1);
  ::setenv("VIPS_NOVECTOR", "1", 1);  // it writes code at run time, which the sandbox forbids
  ::setenv("ORC_CODE", "backup", 1);
  ::setenv("G_SLICE", "always-malloc", 1);
  ::setenv("MALLOC_ARENA_MAX", "1", 1);
  ::setenv("HOME", "/nonexistent", 1);
}

std::optional<int> side(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < 1 || value > kSideMax) return std::nullopt;
  return value;
}

std::optional<Order> order_of(std::string_view kind, std::string_view mode, std::string_view box) {
  Order order;
  if (kind == "image") {
    order.kind = Kind::image;
  } else if (kind == "pdf") {
    order.kind = Kind::pdf;
  } else if (kind == "text") {
    order.kind = Kind::text;
  } else {
    return std::nullopt;
  }
  if (mode == "fill") {
    order.mode = Mode::fill;
  } else if (mode == "cover") {
    order.mode = Mode::cover;
  } else if (mode == "crop") {
    order.mode = Mode::crop;
  } else if (mode == "exact" && order.kind == Kind::image) {
    order.mode = Mode::exact;
  } else {
    return std::nullopt;
  }
  auto cross = box.find('x');
  if (cross == std::string_view::npos) return std::nullopt;
  auto width = side(box.substr(0, cross));
  auto height = side(box.substr(cross + 1));
  if (!width || !height) return std::nullopt;
  order.width = *width;
  order.height = *height;
  return order;
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Exit check() {
  bool documents = sandbox::has_landlock();
  if (!sandbox::enter(documents ? sandbox::Files::fonts : sandbox::Files::none)) {
    return Exit::no_sandbox;
  }
  return write_all(documents ? "images documents" : "images") ? Exit::done : Exit::unreadable;
}

Exit run(const Order& order) {
  narrow(order.kind);
  auto files = order.kind == Kind::image ? sandbox::Files::none : sandbox::Files::fonts;
  if (!sandbox::enter(files)) return Exit::no_sandbox;
  struct stat info {};
  if (::fstat(STDIN_FILENO, &info) != 0) return Exit::unreadable;
  if (info.st_size > kBytesMax) return Exit::too_large;
  std::string bytes;
  Exit made = make(order, bytes);
  if (made == Exit::done && !write_all(bytes)) return Exit::unreadable;
  return made;
}

}  // namespace

}  // namespace essaim::thumb

int main(int count, char** words) {
  using namespace essaim::thumb;
  set_environment();
  if (count == 2 && std::string_view(words[1]) == "check") {
    if (vips_init(words[0]) != 0) return static_cast<int>(Exit::no_sandbox);
    ::_exit(static_cast<int>(check()));
  }
  bool png = count == 5 && std::string_view(words[4]) == "png";
  if (count != 4 && !png) return static_cast<int>(Exit::usage);
  auto order = order_of(words[1], words[2], words[3]);
  if (!order) return static_cast<int>(Exit::usage);
  if (png) order->format = Format::png;
  if (vips_init(words[0]) != 0) return static_cast<int>(Exit::no_sandbox);
  // Without the farewells of a hundred libraries.
  ::_exit(static_cast<int>(run(*order)));
}
