#include "base/log/log.h"

#include <unistd.h>

#include <atomic>
#include <mutex>

namespace essaim::log {

namespace {

constexpr std::size_t kLineMax = 4096;
constexpr std::size_t kValueMax = 1024;

std::atomic<Level> lowest{Level::info};
std::mutex output_mutex;
std::function<void(std::string_view)> output;

std::string_view word(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "?";
}

// Quotes what would break a line apart; control characters become '?', so that nobody can forge a
// line.
void append_value(std::string& line, std::string_view value) {
  bool cut = value.size() > kValueMax;
  value = value.substr(0, kValueMax);
  bool quote = value.empty() || cut || value.find_first_of(" =\"\\") != std::string_view::npos;
  if (quote) line.push_back('"');
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else {
      line.push_back(byte < 0x20 || byte == 0x7f ? '?' : c);
    }
  }
  if (cut) line += "...";
  if (quote) line.push_back('"');
}

}  // namespace

void write(Level level, std::string_view event, Fields fields) {
  if (level < lowest.load(std::memory_order_relaxed)) return;
  std::string line = "level=";
  line += word(level);
  line += " event=";
  append_value(line, event);
  for (const auto& [key, value] : fields) {
    line.push_back(' ');
    line += key;
    line.push_back('=');
    append_value(line, value.text());
  }
  if (line.size() >= kLineMax) line.resize(kLineMax - 1);
  line.push_back('\n');
  std::lock_guard lock(output_mutex);
  if (output) {
    output(line);
    return;
  }
  // A log that cannot be written has nowhere to complain.
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

void set_level(Level level) {
  lowest.store(level, std::memory_order_relaxed);
}

void set_output(std::function<void(std::string_view)> to) {
  std::lock_guard lock(output_mutex);
  output = std::move(to);
}

}  // namespace essaim::log
