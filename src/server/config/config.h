// Reads and checks the configuration: <data>/essaim.conf, one `name = value` a line, '#' begins a
// comment. Every setting is a row of one table: name, unit, default, limits. What the command line
// says wins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"

namespace essaim::config {

inline constexpr std::string_view kFileName = "essaim.conf";
inline constexpr ByteCount kFileBytesMax = 64 * kKiB;

struct Config {
  std::string domain;
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::string default_space;
  std::vector<std::string> trusted_proxies{"127.0.0.0/8", "::1"};

  std::int64_t loops = 0;
  std::int64_t connections_max = 20'000;
  std::int64_t body_workers = 2;
  std::int64_t lane_workers = 16;
  std::int64_t open_spaces_max = 2'000;
  std::int64_t idle_close_s = 120;
  std::int64_t hash_slots = 2;
  std::int64_t preview_slots = 2;
  std::int64_t preview_mib_max = 512;
  std::string preview_helper;
  std::string log_level = "info";
};

// A setting as the documentation and the error messages show it.
struct Setting {
  std::string_view name;
  std::string_view unit;  // "threads", "a host name"
  std::string_view help;
  std::int64_t min = 0;  // of numbers
  std::int64_t max = 0;
};
const std::vector<Setting>& settings();

// Errors: bad_request with the line and what is wrong: an unknown name, a name twice, a value that
// is no number or beyond its limits. `domain` must be there.
Result<Config> parse(std::string_view text);
// Reads the file of a data folder. Errors: not_found, io, too_large, and those of parse().
Result<Config> load(const std::string& data);
// What `init` writes: the domain, and every other setting with its default behind a '#'.
std::string initial_file(std::string_view domain);

}  // namespace essaim::config
