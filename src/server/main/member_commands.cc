#include "server/main/client.h"
#include "server/main/commands.h"
#include "server/main/data_folder.h"
#include "server/main/internal/asking.h"
#include "server/main/printing.h"

namespace essaim::main {

namespace json = boost::json;
using internal::member_path;
using internal::space_path;

Result<void> member_add(const std::string& data, const MemberAdd& wanted) {
  auto password = TRY(internal::read_password());
  json::value body =
      json::object{{"uid", wanted.uid}, {"role", wanted.role}, {"password", password}};
  auto& object = body.get_object();
  if (!wanted.display.empty()) object["display"] = wanted.display;
  if (!wanted.email.empty()) object["email"] = wanted.email;
  if (wanted.quota_bytes) object["quota_bytes"] = *wanted.quota_bytes;
  auto client = TRY(Client::for_folder(absolute(data)));
  TRY(client.ask("POST", space_path(wanted.space, "/members"), &body));
  print_line("added " + wanted.uid + " to space " + wanted.space);
  return {};
}

Result<void> member_list(const std::string& data, const std::string& space, Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto members = TRY(client.ask("GET", space_path(space, "/members")));
  if (print == Print::json) {
    print_json(members);
    return {};
  }
  std::vector<std::vector<std::string>> rows{{"UID", "ROLE", "NAME", "EMAIL", "STATE", "SEEN"}};
  for (const auto& member : members.get_array()) {
    const auto& object = member.get_object();
    const char* state = object.at("disabled").get_bool() ? "disabled" : "active";
    rows.push_back({field(object, "uid"), field(object, "role"), field(object, "display"),
                    field(object, "email"), state, field(object, "seen")});
  }
  print_table(rows);
  return {};
}

Result<void> member_passwd(const std::string& data, const std::string& space,
                           const std::string& uid) {
  json::value body = json::object{{"password", TRY(internal::read_password())}};
  auto client = TRY(Client::for_folder(absolute(data)));
  TRY(client.ask("PUT", member_path(space, uid, "/password"), &body));
  print_line("changed the password of " + uid);
  return {};
}

Result<void> member_disable(const std::string& data, const std::string& space,
                            const std::string& uid, Disabled disabled) {
  auto client = TRY(Client::for_folder(absolute(data)));
  json::value body = json::object{{"disabled", disabled == Disabled::yes}};
  TRY(client.ask("PUT", member_path(space, uid, "/disabled"), &body));
  print_line((disabled == Disabled::yes ? "disabled " : "enabled ") + uid);
  return {};
}

Result<void> member_role(const std::string& data, const std::string& space, const std::string& uid,
                         const std::string& role) {
  auto client = TRY(Client::for_folder(absolute(data)));
  json::value body = json::object{{"role", role}};
  TRY(client.ask("PUT", member_path(space, uid, "/role"), &body));
  print_line(uid + " has role " + role);
  return {};
}

Result<void> member_token(const std::string& data, const std::string& space, const std::string& uid,
                          const std::string& label) {
  auto client = TRY(Client::for_folder(absolute(data)));
  json::value body = json::object{{"name", label}};
  auto answer = TRY(client.ask("POST", member_path(space, uid, "/tokens"), &body));
  print_line(field(answer.get_object(), "token"));
  return {};
}

Result<void> member_tokens(const std::string& data, const std::string& space,
                           const std::string& uid, Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto tokens = TRY(client.ask("GET", member_path(space, uid, "/tokens")));
  if (print == Print::json) {
    print_json(tokens);
    return {};
  }
  std::vector<std::vector<std::string>> rows{{"ID", "NAME", "STATE", "CREATED", "USED"}};
  for (const auto& token : tokens.get_array()) {
    const auto& object = token.get_object();
    bool wipe = object.at("wipe").get_bool();
    rows.push_back({field(object, "id"), field(object, "name"), wipe ? "wipe" : "active",
                    field(object, "created"), field(object, "used")});
  }
  print_table(rows);
  return {};
}

Result<void> member_token_end(const std::string& data, const std::string& space,
                              const std::string& uid, std::int64_t id, Wipe wipe) {
  auto client = TRY(Client::for_folder(absolute(data)));
  std::string path = member_path(space, uid, "/tokens/" + std::to_string(id));
  bool wipes = wipe == Wipe::yes;
  TRY(client.ask(wipes ? "POST" : "DELETE", wipes ? path + "/wipe" : path));
  print_line((wipes ? "marked for wiping: token " : "ended token ") + std::to_string(id) + " of " +
             uid);
  return {};
}

Result<void> member_picture_remove(const std::string& data, const std::string& space,
                                   const std::string& uid) {
  auto client = TRY(Client::for_folder(absolute(data)));
  TRY(client.ask("DELETE", member_path(space, uid, "/picture")));
  print_line("removed the picture of " + uid);
  return {};
}

}  // namespace essaim::main
