#include "protocols/ocs/status.h"

#include <boost/json.hpp>
#include <map>

#include "features/members/members.h"
#include "features/members/status.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/people.h"
#include "protocols/ocs/internal/status_json.h"

namespace essaim::ocs {

namespace json = boost::json;
using namespace internal;
using members::StatusKind;

namespace {

constexpr std::size_t kStatusesMax = 200;

struct KindName {
  StatusKind kind;
  std::string_view name;
};
constexpr KindName kKinds[] = {{StatusKind::online, "online"}, {StatusKind::away, "away"},
                               {StatusKind::dnd, "dnd"},       {StatusKind::invisible, "invisible"},
                               {StatusKind::busy, "busy"},     {StatusKind::offline, "offline"}};

json::value text_or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return json::string(json::string_view(text.data(), text.size()));
}

std::string_view words_of(const call::Call& call, const members::ReadyMessage& ready) {
  return call.language == call::Language::french ? ready.french : ready.english;
}

json::value own(store::ReadTx& tx, const call::Call& call) {
  auto status = members::status_of(tx, call.caller->member);
  json::object out = status_fields(call, status);
  out["userId"] = call.caller->uid;
  out["statusIsUserDefined"] = status.chosen;
  out["messageId"] = text_or_null(status.message_id);
  out["messageIsPredefined"] = !status.message_id.empty();
  return out;
}

json::object of_other(const call::Call& call, const members::Member& member,
                      const members::Status& status) {
  json::object out = status_fields(call, status);
  out["userId"] = member.uid;
  return out;
}

// Seconds since 1970.
Or<std::optional<Instant>> clear_at(const call::Call& call, const Params& params) {
  auto seconds = TRY(or_refuse(call, params.number("clearAt")));
  constexpr std::int64_t kLast = 253'402'300'799;  // the year 9999
  if (!seconds) return std::nullopt;
  if (*seconds < 0 || *seconds > kLast) return stop(call, Code::bad_request);
  return Instant{*seconds * 1'000};
}

Or<json::value> run_set(store::WriteTx& tx, const call::Call& call) {
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto kind = status_from(params.text_or("statusType", ""));
  if (!kind) return stop(call, Code::bad_request);
  members::set_status(tx, call.caller->member, *kind);
  return own(tx, call);
}

Or<json::value> run_ready(store::WriteTx& tx, const call::Call& call) {
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto end = TRY(clear_at(call, params));
  auto id = params.text_or("messageId", "");
  TRY_VOID(or_refuse(call, members::say_ready_message(tx, call.caller->member, id, end)));
  return own(tx, call);
}

Or<json::value> run_custom(store::WriteTx& tx, const call::Call& call) {
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto end = TRY(clear_at(call, params));
  auto icon = params.text_or("statusIcon", "");
  auto message = params.text_or("message", "");
  auto said = members::say_message(tx, call.caller->member, icon, message, end);
  TRY_VOID(or_refuse(call, std::move(said)));
  return own(tx, call);
}

Or<json::value> run_revert(store::WriteTx& tx, const call::Call& call) {
  auto names = TRY(or_refuse(call, segments_of(call)));
  auto status = members::status_of(tx, call.caller->member);
  if (status.message_id.empty() || status.message_id != names.back()) return json::array();
  members::say_nothing(tx, call.caller->member);
  return own(tx, call);
}

Or<json::value> run_heartbeat(store::WriteTx& tx, const call::Call& call) {
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto kind = status_from(params.text_or("status", ""));
  if (kind != StatusKind::online && kind != StatusKind::away) return stop(call, Code::bad_request);
  members::note_present(tx, call.caller->member, *kind);
  return own(tx, call);
}

Or<json::value> list_statuses(store::ReadTx& tx, const call::Call& call) {
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto page = TRY(or_refuse(call, page_of(params, kStatusesMax)));
  std::map<MemberId, members::Status> said;
  for (auto& status : members::statuses(tx)) said.emplace(status.member, std::move(status));
  std::vector<json::value> out;
  for (const auto& member : people_seen(tx, *call.caller)) {
    auto found = said.find(member.id);
    if (member.disabled || found == said.end()) continue;
    out.emplace_back(of_other(call, member, members::seen_by_others(found->second)));
  }
  auto shown = cut(std::move(out), page);
  return json::array(shown.begin(), shown.end());
}

Or<json::value> one_status(store::ReadTx& tx, const call::Call& call) {
  auto names = TRY(or_refuse(call, segments_of(call)));
  auto member = TRY(or_refuse(call, find_person(tx, *call.caller, names.back())));
  auto status = members::seen_by_others(members::status_of(tx, member.id));
  bool quiet = status.kind == StatusKind::offline && !status.says_something();
  if (member.disabled || quiet) return stop(call, Code::not_found);
  return of_other(call, member, status);
}

json::value ends_of(const members::ReadyMessage& ready) {
  switch (ready.ends) {
    case members::Ends::never:
      return nullptr;
    case members::Ends::after:
      return {{"type", "period"}, {"time", ready.after_s}};
    case members::Ends::end_of_day:
      return {{"type", "end-of"}, {"time", "day"}};
    case members::Ends::end_of_week:
      return {{"type", "end-of"}, {"time", "week"}};
  }
  return nullptr;
}

}  // namespace

namespace internal {

std::string_view status_name(StatusKind kind) {
  for (const auto& each : kKinds) {
    if (each.kind == kind) return each.name;
  }
  return "offline";
}

std::optional<StatusKind> status_from(std::string_view name) {
  for (const auto& each : kKinds) {
    if (each.name == name) return each.kind;
  }
  return std::nullopt;
}

json::object status_fields(const call::Call& call, const members::Status& status) {
  std::string_view message = status.message;
  const auto* ready = members::find_ready_message(status.message_id);
  if (ready != nullptr) message = words_of(call, *ready);
  json::object out;
  auto name = status_name(status.kind);
  out["status"] = json::string_view(name.data(), name.size());
  out["message"] = text_or_null(message);
  out["icon"] = text_or_null(status.icon);
  out["clearAt"] = status.clear_at ? json::value(status.clear_at->seconds()) : nullptr;
  return out;
}

}  // namespace internal

http::Response own_status(store::ReadTx& tx, const call::Call& call) {
  return ok(call, own(tx, call));
}

call::Answer set_status(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_set(tx, call));
}

call::Answer say_ready_message(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_ready(tx, call));
}

call::Answer say_own_message(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_custom(tx, call));
}

call::Answer say_nothing(store::WriteTx& tx, const call::Call& call) {
  members::say_nothing(tx, call.caller->member);
  return ok(call, json::array());
}

call::Answer revert_status(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_revert(tx, call));
}

http::Response ready_messages(store::ReadTx&, const call::Call& call) {
  json::array out;
  for (const auto& ready : members::ready_messages()) {
    out.push_back(json::object{{"id", text_or_null(ready.id)},
                               {"icon", text_or_null(ready.icon)},
                               {"message", text_or_null(words_of(call, ready))},
                               {"clearAt", ends_of(ready)}});
  }
  return ok(call, std::move(out));
}

http::Response statuses(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_statuses(tx, call));
}

http::Response status_of(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, one_status(tx, call));
}

call::Answer heartbeat(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_heartbeat(tx, call));
}

}  // namespace essaim::ocs
