// The places of a space, and who may do what in them.
#include "server/main/client.h"
#include "server/main/commands.h"
#include "server/main/data_folder.h"
#include "server/main/internal/asking.h"
#include "server/main/printing.h"

namespace essaim::main {

namespace json = boost::json;
using internal::space_path;

namespace {

std::string rights_path(const std::string& space, std::int64_t id) {
  return space_path(space, "/places/" + std::to_string(id) + "/rights");
}

void print_rights(const json::value& rights) {
  std::vector<std::vector<std::string>> rows{{"KIND", "NAME", "LEVEL", "RIGHTS", "BY"}};
  for (const auto& each : rights.get_array()) {
    const auto& object = each.get_object();
    rows.push_back({field(object, "kind"), field(object, "name"), field(object, "level"),
                    field(object, "rights"), object.at("share").as_bool() ? "share" : "place"});
  }
  print_table(rows);
}

}  // namespace

Result<void> place_list(const std::string& data, const std::string& space, Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto places = TRY(client.ask("GET", space_path(space, "/places")));
  if (print == Print::json) {
    print_json(places);
    return {};
  }
  std::vector<std::vector<std::string>> rows{{"ID", "KIND", "GROUP", "NAME"}};
  for (const auto& place : places.get_array()) {
    const auto& object = place.get_object();
    rows.push_back({field(object, "id"), field(object, "kind"), field(object, "group"),
                    field(object, "name")});
  }
  print_table(rows);
  return {};
}

Result<void> place_rights(const std::string& data, const std::string& space, std::int64_t id,
                          Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto rights = TRY(client.ask("GET", rights_path(space, id)));
  if (print == Print::json) {
    print_json(rights);
  } else {
    print_rights(rights);
  }
  return {};
}

Result<void> place_give(const std::string& data, const PlaceGive& wanted) {
  json::value body = json::object{{"kind", wanted.kind}, {"level", wanted.level}};
  if (!wanted.name.empty()) body.get_object()["name"] = wanted.name;
  auto client = TRY(Client::for_folder(absolute(data)));
  print_rights(TRY(client.ask("PUT", rights_path(wanted.space, wanted.id), &body)));
  return {};
}

}  // namespace essaim::main
