// Accounts that end, what is held of them, and what eats the quota.
#include "server/main/client.h"
#include "server/main/commands.h"
#include "server/main/data_folder.h"
#include "server/main/internal/asking.h"
#include "server/main/printing.h"

namespace essaim::main {

namespace json = boost::json;
using internal::member_path;
using internal::space_path;

Result<void> member_expires(const std::string& data, const std::string& space,
                            const std::string& uid, const std::string& day) {
  bool never = day == "never";
  // An empty day would be a wish for "never" that nobody made.
  json::value body = json::object{{"day", never ? "" : day.empty() ? "-" : day}};
  auto client = TRY(Client::for_folder(absolute(data)));
  TRY(client.ask("PUT", member_path(space, uid, "/expires"), &body));
  print_line(never ? uid + " has no last day" : uid + " has until the end of " + day);
  return {};
}

Result<void> member_handover(const std::string& data, const std::string& space,
                             const std::string& uid, const std::optional<std::string>& heir) {
  json::value body = json::object{};
  if (heir) body.get_object()["heir"] = *heir;
  auto client = TRY(Client::for_folder(absolute(data)));
  auto answer = TRY(client.ask("POST", member_path(space, uid, "/handover"), &body));
  const auto& object = answer.get_object();
  std::string line = "ended the account " + field(object, "uid");
  if (const auto* held = object.if_contains("held")) {
    line += "; its files are held until " + field(held->get_object(), "until") + " as " +
            field(held->get_object(), "id");
  } else if (heir) {
    line += "; its files are with " + field(object, "heir");
  }
  print_line(line);
  return {};
}

Result<void> member_held(const std::string& data, const std::string& space, Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto held = TRY(client.ask("GET", space_path(space, "/held")));
  if (print == Print::json) {
    print_json(held);
    return {};
  }
  std::vector<std::vector<std::string>> rows{{"ID", "OF", "SINCE", "UNTIL", "FILES", "BYTES"}};
  for (const auto& each : held.get_array()) {
    const auto& object = each.get_object();
    rows.push_back({field(object, "id"), field(object, "of"), field(object, "since"),
                    field(object, "until"), field(object, "files"), field(object, "bytes")});
  }
  print_table(rows);
  return {};
}

Result<void> member_take_over(const std::string& data, const std::string& space, std::int64_t held,
                              const std::string& heir) {
  json::value body = json::object{{"heir", heir}};
  auto client = TRY(Client::for_folder(absolute(data)));
  auto path = space_path(space, "/held/" + std::to_string(held) + "/heir");
  auto answer = TRY(client.ask("POST", path, &body));
  const auto& object = answer.get_object();
  print_line("the files of " + field(object, "of") + " are with " + field(object, "heir"));
  return {};
}

Result<void> space_usage(const std::string& data, const std::string& slug, Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto usage = TRY(client.ask("GET", space_path(slug, "/usage")));
  if (print == Print::json) {
    print_json(usage);
    return {};
  }
  const auto& whole = usage.get_object();
  print_line(field(whole, "used_bytes") + " of " + field(whole, "quota_bytes") + " bytes are used");
  std::vector<std::vector<std::string>> rows{
      {"KIND", "NAME", "FILES", "CONTENTS", "VERSIONS", "BIN", "BYTES"}};
  for (const auto& place : whole.at("places").get_array()) {
    const auto& object = place.get_object();
    rows.push_back({field(object, "kind"), field(object, "name"), field(object, "files"),
                    field(object, "contents"), field(object, "versions"), field(object, "bin"),
                    field(object, "bytes")});
  }
  print_table(rows);
  return {};
}

}  // namespace essaim::main
