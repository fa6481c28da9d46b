#include "server/main/client.h"
#include "server/main/commands.h"
#include "server/main/data_folder.h"
#include "server/main/internal/asking.h"
#include "server/main/printing.h"

namespace essaim::main {

namespace json = boost::json;
using internal::escaped;
using internal::space_path;

namespace {

// An empty name would be another address.
std::string named(const std::string& name) {
  return escaped(name.empty() ? "-" : name);
}

std::string joined(const json::object& object, std::string_view name) {
  std::string out;
  for (const auto& uid : object.at(json::string_view(name.data(), name.size())).get_array()) {
    if (!out.empty()) out += ' ';
    out += std::string_view(uid.get_string().data(), uid.get_string().size());
  }
  return out;
}

}  // namespace

Result<void> group_add(const std::string& data, const GroupChange& wanted) {
  json::value body = json::object{{"gid", wanted.gid}};
  if (!wanted.display.empty()) body.get_object()["display"] = wanted.display;
  auto client = TRY(Client::for_folder(absolute(data)));
  TRY(client.ask("POST", space_path(wanted.space, "/groups"), &body));
  print_line("added group " + wanted.gid + " to space " + wanted.space);
  return {};
}

Result<void> group_list(const std::string& data, const std::string& space, Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto groups = TRY(client.ask("GET", space_path(space, "/groups")));
  if (print == Print::json) {
    print_json(groups);
    return {};
  }
  std::vector<std::vector<std::string>> rows{{"GID", "NAME", "MANAGERS", "MEMBERS"}};
  for (const auto& group : groups.get_array()) {
    const auto& object = group.get_object();
    rows.push_back({field(object, "gid"), field(object, "display"), joined(object, "managers"),
                    joined(object, "members")});
  }
  print_table(rows);
  return {};
}

Result<void> group_remove(const std::string& data, const GroupChange& wanted) {
  auto client = TRY(Client::for_folder(absolute(data)));
  TRY(client.ask("DELETE", space_path(wanted.space, "/groups/" + named(wanted.gid))));
  print_line("removed group " + wanted.gid);
  return {};
}

Result<void> group_join(const std::string& data, const GroupChange& wanted) {
  auto client = TRY(Client::for_folder(absolute(data)));
  json::value body = json::object{{"manager", wanted.manager}};
  auto path = "/groups/" + named(wanted.gid) + "/members/" + named(wanted.uid);
  TRY(client.ask("PUT", space_path(wanted.space, path), &body));
  print_line(wanted.uid + (wanted.manager ? " manages group " : " is in group ") + wanted.gid);
  return {};
}

Result<void> group_leave(const std::string& data, const GroupChange& wanted) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto path = "/groups/" + named(wanted.gid) + "/members/" + named(wanted.uid);
  TRY(client.ask("DELETE", space_path(wanted.space, path)));
  print_line(wanted.uid + " left group " + wanted.gid);
  return {};
}

}  // namespace essaim::main
