#include "server/main/client.h"
#include "server/main/commands.h"
#include "server/main/data_folder.h"
#include "server/main/internal/asking.h"
#include "server/main/printing.h"

namespace essaim::main {

namespace json = boost::json;
using internal::member_path;
using internal::space_path;

Result<void> member_second_factor_off(const std::string& data, const std::string& space,
                                      const std::string& uid) {
  auto client = TRY(Client::for_folder(absolute(data)));
  TRY(client.ask("DELETE", member_path(space, uid, "/second-factor")));
  print_line("switched off the second factor of " + uid);
  return {};
}

Result<void> space_second_factor(const std::string& data, const std::string& slug,
                                 const std::string& of) {
  auto client = TRY(Client::for_folder(absolute(data)));
  json::value body = json::object{{"demanded_of", of}};
  TRY(client.ask("PUT", space_path(slug, "/second-factor"), &body));
  print_line("space " + slug + " demands a second factor of " + of);
  return {};
}

Result<void> space_audit(const std::string& data, const std::string& slug, std::int64_t since,
                         Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  json::array all;
  while (true) {
    auto part = TRY(client.ask("GET", space_path(slug, "/audit?since=" + std::to_string(since))));
    auto& rows = part.get_array();
    if (rows.empty()) break;
    since = rows.back().get_object().at("id").to_number<std::int64_t>();
    for (auto& row : rows) all.push_back(std::move(row));
  }
  if (print == Print::json) {
    print_json(all);
    return {};
  }
  std::vector<std::vector<std::string>> lines{
      {"ID", "TIME", "ACTOR", "ACTION", "OBJECT", "ADDRESS"}};
  for (const auto& row : all) {
    const auto& object = row.get_object();
    lines.push_back({field(object, "id"), field(object, "time"), field(object, "actor"),
                     field(object, "action"), field(object, "object"), field(object, "address")});
  }
  print_table(lines);
  return {};
}

}  // namespace essaim::main
