#include "protocols/ocs/looking_after.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "base/time/local_day.h"
#include "features/files/places.h"
#include "features/members/members.h"
#include "features/members/second_factor.h"
#include "features/shares/shares.h"
#include "protocols/ocs/audit.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/people.h"

namespace essaim::ocs {

namespace json = boost::json;
using namespace internal;
using members::Member;
using members::Role;

namespace {

constexpr std::int64_t kDecidersMin = 2;  // one may be ill, or gone
constexpr Refusal kNotLookingAfter{403,
                                   "Seules les personnes qui s’occupent de l’espace voient cela.",
                                   "Only the people who look after the space see this."};
constexpr Refusal kNobodyNamed{101, "Dites qui reprend les fichiers.",
                               "Say who takes over the files."};
constexpr Refusal kNothingHeld{998, "Rien n’est gardé sous ce numéro.",
                               "Nothing is held under this number."};

json::object described(const files::Held& held) {
  return {{"id", held.root.value},
          {"of", held.of},
          {"since", format_iso8601(held.since)},
          {"until", format_iso8601(held.until())},
          {"files", held.files},
          {"bytes", held.bytes}};
}

Or<json::value> list_held(store::ReadTx& tx, const call::Call& call) {
  if (!administers(*call.caller)) return stop(call, kNotLookingAfter);
  json::array out;
  for (const auto& each : files::held(tx)) out.push_back(described(each));
  return json::value(std::move(out));
}

Or<json::value> run_give(store::WriteTx& tx, const call::Call& call) {
  if (call.caller->role != Role::gestion) return stop(call, kOnlyGestionGives);
  if (!in_person(*call.caller)) return stop(call, kNotInPerson);
  auto names = TRY(or_refuse(call, segments_of(call)));
  auto params = TRY(or_refuse(call, Params::of(call)));
  auto all = files::held(tx);
  NodeId id{text::to_int64(names.back()).value_or(0)};
  auto held = std::ranges::find(all, id, &files::Held::root);
  if (held == all.end()) return stop(call, kNothingHeld);
  auto uid = params.text_or("heir", "");
  if (uid.empty()) return stop(call, kNobodyNamed);
  constexpr CodedRefusal kWords[] = {{Code::not_found, kNoSuchAccount}, {Code::conflict, kNoHeir}};
  auto heir = TRY(or_refuse(call, find_person(tx, *call.caller, uid), kWords));
  TRY_VOID(or_refuse(call, files::give_held(tx, id, heir.id), kWords));
  record(tx, call, members::audit::Action::files_taken_over, heir.uid + ": " + held->of);
  return json::array();
}

// --- the review

json::value when(const std::optional<Instant>& instant) {
  return instant ? json::value(format_iso8601(*instant)) : json::value(nullptr);
}

bool not_seen(const Member& member, Instant now) {
  return now.ms - member.seen.value_or(member.created).ms >= kNotSeenFor.count();
}

json::object about(const Member& member) {
  return {{"uid", member.uid},
          {"display", member.display},
          {"created", format_iso8601(member.created)},
          {"seen", when(member.seen)}};
}

json::object guest(const Member& member) {
  json::object out = about(member);
  out["until"] = member.expires ? json::value(local_day_ending(*member.expires)) : nullptr;
  out["enabled"] = !member.disabled;
  return out;
}

Or<json::value> run_review(store::ReadTx& tx, const call::Call& call) {
  if (!administers(*call.caller)) return stop(call, kNotLookingAfter);
  std::int64_t deciders = 0;
  json::array single;
  json::array silent;
  json::array guests;
  for (const Member& member : members::list(tx)) {
    if (member.role == Role::guest) guests.push_back(guest(member));
    if (member.disabled) continue;
    if (not_seen(member, tx.now())) silent.push_back(about(member));
    if (member.role != Role::gestion) continue;
    ++deciders;
    if (!members::has_second_factor(tx, member.id)) single.emplace_back(member.uid);
  }
  json::object gestion{{"accounts", deciders},
                       {"too_few", deciders < kDecidersMin},
                       {"without_second_factor", std::move(single)}};
  return json::value{{"gestion", std::move(gestion)},
                     {"not_seen", std::move(silent)},
                     {"guests", std::move(guests)},
                     {"shares_without_maker", shares::count_without_maker(tx)}};
}

}  // namespace

http::Response held(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, list_held(tx, call));
}

call::Answer give_held(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_give(tx, call));
}

http::Response review(store::ReadTx& tx, const call::Call& call) {
  return answer_of(call, run_review(tx, call));
}

}  // namespace essaim::ocs
