#include "server/config/config.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <variant>

#include "base/core/fd.h"
#include "base/text/text.h"

namespace essaim::config {

namespace {

using Text = std::string Config::*;
using List = std::vector<std::string> Config::*;
using Number = std::int64_t Config::*;

struct Row {
  Setting setting;
  std::variant<Text, List, Number> field;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table{
      {{"domain", "a domain", "spaces answer on <slug>.<domain>"}, &Config::domain},
      {{"listen", "addresses with a port, comma between",
        "where requests are taken: 127.0.0.1:8080, [::1]:8080, systemd:0, unix:/path"},
       &Config::listen},
      {{"default_space", "a slug", "the space that answers on every host nobody has"},
       &Config::default_space},
      {{"trusted_proxies", "addresses or networks, comma between",
        "whose X-Forwarded headers are believed"},
       &Config::trusted_proxies},
      {{"loops", "threads", "event loops; 0: one per core", 0, 64}, &Config::loops},
      {{"connections_max", "connections", "more are closed at once", 16, 1'000'000},
       &Config::connections_max},
      {{"body_workers", "threads", "write bodies to disk, read exports", 1, 64},
       &Config::body_workers},
      {{"lane_workers", "threads", "work on the databases of spaces", 1, 64},
       &Config::lane_workers},
      {{"open_spaces_max", "spaces", "kept open at most; 2 descriptors, about 180 KiB each", 65,
        100'000},
       &Config::open_spaces_max},
      {{"idle_close_s", "seconds", "a space without a request for this long is closed", 1, 86'400},
       &Config::idle_close_s},
      {{"hash_slots", "threads", "check passwords; 19 MiB each while they do", 1, 64},
       &Config::hash_slots},
      {{"preview_slots", "processes", "make previews at once, for all spaces; 0: none are made", 0,
        64},
       &Config::preview_slots},
      {{"preview_mib_max", "MiB", "of previews kept for one space; beyond, the oldest go", 16,
        1'000'000},
       &Config::preview_mib_max},
      {{"preview_helper", "a path", "of essaim-thumb; empty: beside this program, or in libexec"},
       &Config::preview_helper},
      {{"log_level", "debug, info, warning or error", "less important lines are dropped"},
       &Config::log_level},
  };
  return table;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    auto comma = text.find(',');
    auto item = text::trim(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
  }
  return items;
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ", ";
    text += item;
  }
  return text;
}

Result<void> assign(Config& config, const Row& row, std::string_view value) {
  const auto& setting = row.setting;
  if (const auto* text = std::get_if<Text>(&row.field)) {
    config.*(*text) = value;
    return {};
  }
  if (const auto* list = std::get_if<List>(&row.field)) {
    config.*(*list) = split_list(value);
    return {};
  }
  auto number = text::to_int64(value);
  if (!number || *number < setting.min || *number > setting.max) {
    return fail(Code::bad_request,
                std::string(setting.name) + " is a number of " + std::string(setting.unit) +
                    " from " + std::to_string(setting.min) + " to " + std::to_string(setting.max));
  }
  config.*std::get<Number>(row.field) = *number;
  return {};
}

Result<void> parse_line(Config& config, std::set<std::string_view>& seen, std::string_view line) {
  line = text::trim(line.substr(0, line.find('#')));
  if (line.empty()) return {};
  auto equals = line.find('=');
  if (equals == std::string_view::npos) return fail(Code::bad_request, "not `name = value`");
  auto name = text::trim(line.substr(0, equals));
  auto value = text::trim(line.substr(equals + 1));
  auto row = std::ranges::find(rows(), name, [](const Row& r) { return r.setting.name; });
  if (row == rows().end()) {
    return fail(Code::bad_request, "there is no setting '" + std::string(name) + "'");
  }
  if (!seen.insert(row->setting.name).second) {
    return fail(Code::bad_request, std::string(name) + " is set twice");
  }
  return assign(config, *row, value);
}

std::string default_of(const Row& row) {
  const Config defaults;
  if (const auto* text = std::get_if<Text>(&row.field)) return defaults.*(*text);
  if (const auto* list = std::get_if<List>(&row.field)) return joined(defaults.*(*list));
  return std::to_string(defaults.*std::get<Number>(row.field));
}

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> list = [] {
    std::vector<Setting> all;
    for (const auto& row : rows()) all.push_back(row.setting);
    return all;
  }();
  return list;
}

Result<Config> parse(std::string_view text) {
  Config config;
  std::set<std::string_view> seen;
  int number = 0;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    ++number;
    auto read = parse_line(config, seen, line);
    if (!read) {
      return fail(read.error().code, std::string(kFileName) + ", line " + std::to_string(number) +
                                         ": " + read.error().detail);
    }
  }
  if (config.domain.empty()) return fail(Code::bad_request, "essaim.conf does not name a domain");
  return config;
}

Result<Config> load(const std::string& data) {
  auto path = data + "/" + std::string(kFileName);
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return fail(errno == ENOENT || errno == ENOTDIR ? Code::not_found : Code::io,
                path + ": " + std::strerror(errno));
  }
  std::string text;
  char piece[4096];
  while (true) {
    ssize_t got = ::read(file.get(), piece, sizeof piece);
    if (got < 0) return fail(Code::io, path + ": " + std::strerror(errno));
    if (got == 0) break;
    text.append(piece, static_cast<std::size_t>(got));
    if (std::cmp_greater(text.size(), kFileBytesMax)) {
      return fail(Code::too_large, path + " is longer than 64 KiB");
    }
  }
  return parse(text);
}

std::string initial_file(std::string_view domain) {
  std::string text =
      "# Settings of this server. What `essaim serve` is told on its command line wins.\n";
  for (const auto& row : rows()) {
    const auto& setting = row.setting;
    text.append("\n# ").append(setting.help).append("\n# (").append(setting.unit);
    if (std::holds_alternative<Number>(row.field)) {
      text.append(", ").append(std::to_string(setting.min)).append(" to ");
      text.append(std::to_string(setting.max));
    }
    text.append(")\n");
    if (setting.name == "domain") {
      text.append("domain = ").append(domain).append("\n");
    } else {
      text.append("# ").append(setting.name).append(" = ").append(default_of(row)).append("\n");
    }
  }
  return text;
}

}  // namespace essaim::config
