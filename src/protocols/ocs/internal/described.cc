#include "protocols/ocs/internal/described.h"

#include <cmath>

#include "base/time/local_day.h"
#include "features/access/access.h"
#include "features/files/quota.h"
#include "features/members/groups.h"

namespace essaim::ocs::internal {

namespace json = boost::json;

namespace {

json::object quota_of(store::ReadTx& tx, const access::Caller& caller) {
  auto place = access::files_of(caller, caller.uid);
  files::Quota quota = place ? files::quota(tx, place->root) : files::Quota{};
  ByteCount total = quota.used + quota.available;
  double percent =
      total == 0 ? 0 : 100.0 * static_cast<double>(quota.used) / static_cast<double>(total);
  return {{"free", quota.available},
          {"used", quota.used},
          {"total", total},
          {"relative", std::round(percent * 100) / 100},
          {"quota", total}};
}

json::array managed_names(store::ReadTx& tx, MemberId member) {
  json::array out;
  for (const auto& belonging : members::groups_of(tx, member)) {
    if (belonging.manager == members::Manager::yes) out.emplace_back(belonging.group.gid);
  }
  return out;
}

}  // namespace

json::array group_names(store::ReadTx& tx, const members::Member& member) {
  json::array out;
  if (member.role == members::Role::gestion) {
    out.emplace_back(json::string_view(members::kGestionGid.data(), members::kGestionGid.size()));
  }
  for (const auto& belonging : members::groups_of(tx, member.id)) {
    out.emplace_back(belonging.group.gid);
  }
  return out;
}

json::object public_account(store::ReadTx& tx, const members::Member& member) {
  // CLIENT: the desktop reads display-name with its hyphen; Android accepts both.
  json::object out{{"id", member.uid},
                   {"display-name", member.display},
                   {"displayname", member.display},
                   {"email", member.email ? json::value(*member.email) : json::value(nullptr)}};
  auto profile = members::profile_of(tx, member.id);
  for (const auto& [field, name] : kProfileNames) {
    out[json::string_view(name.data(), name.size())] = profile[field];
  }
  out["twitter"] = "";
  out["profile_enabled"] = "0";
  return out;
}

json::object whole_account(store::ReadTx& tx, const members::Member& member) {
  bool french = member.locale != "en";
  json::object out = public_account(tx, member);
  // CLIENT: iOS needs every number as one.
  out["enabled"] = !member.disabled;
  out["quota"] = quota_of(tx, access::caller_of(tx, member, TokenId{}));
  out["groups"] = group_names(tx, member);
  out["subadmin"] = managed_names(tx, member.id);
  out["language"] = french ? "fr" : "en";
  out["locale"] = french ? "fr_FR" : "en_GB";
  out["timezone"] = "Europe/Paris";
  out["storageLocation"] = "";
  out["lastLogin"] = member.seen.value_or(Instant{}).ms;
  out["backend"] = "Database";
  out["backendCapabilities"] = {{"setDisplayName", true}, {"setPassword", true}};
  out["notify_email"] = nullptr;
  out["manager"] = "";
  if (member.expires) out["expires"] = local_day_ending(*member.expires);
  return out;
}

}  // namespace essaim::ocs::internal
