#include "features/notices/notifications.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/secrets/digest.h"
#include "base/text/text.h"
#include "features/files/comments.h"
#include "features/members/members.h"
#include "formats/uri/uri.h"
#include "protocols/ocs/notice_texts.h"
#include "protocols/ocs/notices.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;

// What somebody wrote: its words are its own.
constexpr std::string_view kAdminApp = "admin_notifications";

std::string_view word(notices::Method method) {
  switch (method) {
    case notices::Method::get:
      return "GET";
    case notices::Method::post:
      return "POST";
    case notices::Method::put:
      return "PUT";
    case notices::Method::remove:
      return "DELETE";
    case notices::Method::web:
      return "WEB";
  }
  return "WEB";
}

std::string value_of(const notices::Parameters& parameters, std::string_view name) {
  auto found = std::ranges::find(parameters, name, &notices::Parameters::value_type::first);
  return found == parameters.end() ? std::string() : found->second;
}

// `actor` becomes {user}; `node` and `name` together become {file}; others are shown as they are.
json::object rich_parameters(store::ReadTx& tx, const call::Call& call,
                             const notices::Parameters& parameters) {
  json::object out;
  for (const auto& [name, value] : parameters) {
    if (name == "actor") {
      auto member = members::find(tx, value);
      out["user"] = rich_user(value, member ? member->display : value);
    } else if (name == "node") {
      auto shown = value_of(parameters, "name");
      out["file"] = rich_file(call, {text::to_int64(value).value_or(0)}, shown, shown);
    } else if (name != "name") {
      out[name] = {{"type", "highlight"}, {"id", value}, {"name", value}};
    }
  }
  return out;
}

json::array actions_of(const call::Call& call, const std::vector<notices::Action>& actions) {
  json::array out;
  for (const notices::Action& action : actions) {
    out.push_back({{"label", action_label(action.key, reader_language(call))},
                   {"link", call::base_url(call) + action.path},
                   {"type", word(action.method)},
                   {"primary", action.primary}});
  }
  return out;
}

json::object described(store::ReadTx& tx, const call::Call& call,
                       const notices::Notification& notification) {
  const notices::NewNotification& about = notification.about;
  Sentence subject;
  std::string message;
  if (about.app == kAdminApp) {
    subject.rich = value_of(about.parameters, "subject");
    message = value_of(about.parameters, "message");
  } else {
    subject = notification_sentence(
        about.app, about.key, rich_parameters(tx, call, about.parameters), reader_language(call));
  }
  std::string base = call::base_url(call);
  bool file = about.app == "comments" || about.app == "files_sharing";
  return {{"notification_id", notification.id.value},
          {"app", about.app},
          {"user", call.caller->uid},
          {"datetime", offset_time(notification.created)},
          {"object_type", about.object_type},
          {"object_id", about.object_id},
          {"subject", subject.plain()},
          {"message", message},
          {"link", about.link.empty() ? std::string() : base + about.link},
          {"subjectRich", subject.rich},
          {"subjectRichParameters", subject.parameters_json()},
          {"messageRich", message},
          {"messageRichParameters", json::array()},
          {"icon", base + "/core/img/filetypes/" + (file ? "file" : "text") + ".svg"},
          {"shouldNotify", true},
          {"actions", actions_of(call, about.actions)}};
}

// A mention is told while its file can be read, by the name that the reader knows it by: what is in
// the bin or was taken back is not spoken of.
bool still_told(store::ReadTx& tx, const call::Call& call, notices::Notification& notification) {
  notices::NewNotification& about = notification.about;
  if (about.object_type != files::kCommentObject) return true;
  auto id = text::to_int64(value_of(about.parameters, "node"));
  auto place = access::files_of(*call.caller, call.caller->uid);
  if (!id || !place) return false;
  auto node = files::find_by_id(tx, *call.caller, *place, {*id});
  if (!node || !node->standing.rights.read) return false;
  for (auto& [name, value] : about.parameters) {
    if (name == "name") value = node->name;
  }
  return true;
}

std::vector<notices::Notification> told(store::ReadTx& tx, const call::Call& call) {
  auto all = notices::notifications(tx, call.caller->member);
  std::erase_if(all, [&](auto& each) { return !still_told(tx, call, each); });
  return all;
}

// The number that ends the path.
Result<notices::NotificationId> id_of(const call::Call& call) {
  auto segments = TRY(uri::split_path(call.head.path));
  auto id = text::to_int64(segments.names.back());
  if (!id) return fail(Code::not_found, "no number");
  return notices::NotificationId{*id};
}

// A member of the body, which is JSON or a form.
json::object fields_of(const call::Call& call) {
  json::object out;
  boost::system::error_code error;
  auto value = json::parse(call.body, error);
  if (!error && value.is_object()) return value.get_object();
  for (std::string_view name : {"shortMessage", "longMessage"}) {
    if (auto field = uri::form_value(call.body, name)) out[name] = *field;
  }
  return out;
}

Result<std::string> text_in(const json::object& fields, std::string_view name) {
  const auto* found = fields.if_contains(name);
  if (found == nullptr) return std::string();
  const auto* text = found->if_string();
  if (text == nullptr || !text::valid_utf8(*text)) return fail(Code::bad_request, "no text");
  return std::string(text::trim(*text));
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Result<http::Response> run_exist(store::ReadTx& tx, const call::Call& call) {
  boost::system::error_code error;
  auto body = json::parse(call.body, error);
  const auto* object = error ? nullptr : body.if_object();
  const auto* ids = object == nullptr ? nullptr : object->if_contains("ids");
  if (ids == nullptr || !ids->is_array()) return fail(Code::bad_request, "no ids");
  if (ids->get_array().size() > kExistsMax) return fail(Code::bad_request, "too many ids");
  std::vector<std::int64_t> there;
  for (const auto& each : told(tx, call)) {
    there.push_back(each.id.value);
  }
  json::array out;
  for (const auto& id : ids->get_array()) {
    if (!id.is_int64()) return fail(Code::bad_request, "an id is a number");
    if (std::ranges::find(there, id.get_int64()) != there.end()) out.push_back(id);
  }
  return ok(call, std::move(out));
}

Result<http::Response> run_delete(store::WriteTx& tx, const call::Call& call) {
  auto id = TRY(id_of(call));
  if (!notices::dismiss(tx, call.caller->member, id)) return fail(Code::not_found, "gone");
  return ok(call, json::array());
}

Result<http::Response> run_notify(store::WriteTx& tx, const call::Call& call) {
  if (!members::looks_after_people(call.caller->role)) return fail(Code::forbidden, "role");
  auto segments = TRY(uri::split_path(call.head.path));
  auto member = TRY(members::find(tx, segments.names.back()));
  auto fields = fields_of(call);
  std::string subject = TRY(text_in(fields, "shortMessage"));
  std::string message = TRY(text_in(fields, "longMessage"));
  bool right = !subject.empty() && characters(subject) <= kShortMessageMax &&
               message.size() <= kLongMessageMax;
  if (!right) return fail(Code::bad_request, "length of a message");
  TRY_VOID(notices::notify(tx, member.id,
                           {.app = std::string(kAdminApp),
                            .key = "message",
                            .parameters = {{"subject", subject}, {"message", message}},
                            .object_type = std::string(kAdminApp),
                            .object_id = std::to_string(tx.now().seconds()),
                            .link = {}}));
  return ok(call, json::array());
}

template <class Tx>
http::Response answered(Result<http::Response> (*run)(Tx&, const call::Call&), Tx& tx,
                        const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return refuse(call.head, call.language, response.error());
  return std::move(*response);
}

// Version 1 says 200 to nearly everything, and yet nothing may stay of what was refused.
call::Answer written(Result<http::Response> (*run)(store::WriteTx&, const call::Call&),
                     store::WriteTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return {refuse(call.head, call.language, response.error()), call::Keep::no};
  return std::move(*response);
}

}  // namespace

http::Response list_notifications(store::ReadTx& tx, const call::Call& call) {
  json::array list;
  for (const auto& each : told(tx, call)) {
    list.push_back(described(tx, call, each));
  }
  std::string etag = "\"" + secrets::sha256_hex(json::serialize(list)).substr(0, 32) + "\"";
  http::Response response;
  if (call.head.headers.has_token("If-None-Match", etag)) {
    response.status = 304;
    response.body = std::string();
  } else {
    response = ok(call, std::move(list));
  }
  response.headers.set("ETag", etag);
  // CLIENT: the desktop shows it beside the account.
  response.headers.set("X-Nextcloud-User-Status", "online");
  return response;
}

http::Response get_notification(store::ReadTx& tx, const call::Call& call) {
  return answered<store::ReadTx>(
      [](store::ReadTx& turn, const call::Call& from) -> Result<http::Response> {
        auto id = TRY(id_of(from));
        auto found = TRY(notices::notification(turn, from.caller->member, id));
        if (!still_told(turn, from, found)) return fail(Code::not_found, "out of reach");
        return ok(from, described(turn, from, found));
      },
      tx, call);
}

http::Response notifications_exist(store::ReadTx& tx, const call::Call& call) {
  return answered(run_exist, tx, call);
}

call::Answer delete_notification(store::WriteTx& tx, const call::Call& call) {
  return written(run_delete, tx, call);
}

call::Answer delete_notifications(store::WriteTx& tx, const call::Call& call) {
  notices::dismiss_all(tx, call.caller->member);
  return ok(call, json::array());
}

call::Answer notify_member(store::WriteTx& tx, const call::Call& call) {
  return written(run_notify, tx, call);
}

}  // namespace essaim::ocs
