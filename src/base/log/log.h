// Log lines: one event a line on standard error, logfmt (`level=info event=request ms=3 path="/a
// b"`), for journald and for people. Never pass a password, a token, an Authorization header or the
// query of a public link: nothing here can know what is secret.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace essaim::log {

enum class Level : std::uint8_t { debug, info, warning, error };

// A value as text; numbers are written as they are, strings are quoted when they need it.
class Value {
 public:
  Value(std::string_view text) : text_(text) {}                  // NOLINT: implicit on purpose
  Value(const std::string& text) : text_(text) {}                // NOLINT
  Value(const char* text) : text_(text) {}                       // NOLINT
  Value(std::int64_t number) : text_(std::to_string(number)) {}  // NOLINT
  Value(int number) : text_(std::to_string(number)) {}           // NOLINT
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

using Fields = std::initializer_list<std::pair<std::string_view, Value>>;

// Thread-safe. A line is at most 4 KiB; longer values are cut.
void write(Level level, std::string_view event, Fields fields);
inline void info(std::string_view event, Fields fields = {}) {
  write(Level::info, event, fields);
}
inline void warning(std::string_view event, Fields fields = {}) {
  write(Level::warning, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  write(Level::error, event, fields);
}

// Lines below this level are dropped. Default: info.
void set_level(Level level);
// Where lines go, for tests. Default: one write(2) to standard error.
void set_output(std::function<void(std::string_view)> output);

}  // namespace essaim::log
