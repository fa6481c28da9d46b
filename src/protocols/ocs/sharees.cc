#include "protocols/ocs/sharees.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "base/text/text.h"
#include "features/members/groups.h"
#include "features/members/members.h"
#include "features/members/status.h"
#include "formats/uri/uri.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/people.h"
#include "protocols/ocs/internal/status_json.h"

namespace essaim::ocs {

namespace json = boost::json;
using namespace internal;
using members::Group;
using members::Member;

namespace {

constexpr std::int64_t kPerPageMax = 200;
constexpr std::size_t kRecommendedMax = 10;
constexpr std::size_t kMentionsMax = 100;
constexpr int kUserType = 0;
constexpr int kGroupType = 1;
// CLIENT: Android fails when one of the first five is missing, in either place.
constexpr const char* kCategories[] = {"users",  "groups",  "remotes", "remote_groups",
                                       "emails", "circles", "rooms"};

struct Query {
  std::string search;
  std::int64_t page = 1;
  std::int64_t per_page = kPerPageMax;
  bool users = true;
  bool groups = true;
};

void choose_types(Query& query, const std::vector<std::string>& types) {
  if (types.empty()) return;
  query.users = std::ranges::find(types, "0") != types.end();
  query.groups = std::ranges::find(types, "1") != types.end();
}

Or<Query> query_of(const call::Call& call, const Params& params) {
  Query out;
  if (params.text_or("itemType", "").empty()) {
    return stop(call, {400, "itemType manque.", "Missing itemType"});
  }
  auto page = params.number("page");
  auto per_page = params.number("perPage");
  if (!page || page->value_or(1) < 1 || page->value_or(1) > kPerPageMax) {
    return stop(call, {400, "Cette page n’existe pas.", "Invalid page"});
  }
  if (!per_page || per_page->value_or(1) < 1) {
    return stop(call, {400, "perPage n’est pas possible.", "Invalid perPage argument"});
  }
  out.search = text::trim(params.text_or("search", ""));
  out.page = page->value_or(1);
  out.per_page = std::min(per_page->value_or(kPerPageMax), kPerPageMax);
  choose_types(out, params.list("shareType"));
  return out;
}

// People and groups that fit a search, by name; whoever is meant exactly apart from the others.
struct Found {
  std::vector<Member> exact_people;
  std::vector<Member> people;
  std::vector<Group> exact_groups;
  std::vector<Group> groups;
};

template <class Item>
void sort_by_name(std::vector<Item>& items) {
  std::ranges::stable_sort(items, {},
                           [](const Item& item) { return text::sort_key(item.display); });
}

Found find(store::ReadTx& tx, const access::Caller& caller, const Query& query) {
  Found out;
  auto key = text::search_key(query.search);
  auto same = [&key](std::string_view text) {
    return !key.empty() && text::search_key(text) == key;
  };
  if (query.users) {
    for (auto& member : people_seen(tx, caller)) {
      if (member.disabled || member.id == caller.member || !found_in(query.search, member))
        continue;
      bool exact = same(member.uid) || same(member.display) || same(member.email.value_or(""));
      (exact ? out.exact_people : out.people).push_back(std::move(member));
    }
  }
  if (query.groups) {
    auto groups = groups_seen(tx, caller);
    if (caller.role != members::Role::guest) {
      groups.push_back(
          {{}, std::string(members::kEveryoneGid), std::string(members::kEveryoneName), {}});
    }
    for (auto& group : groups) {
      if (!found_in(query.search, group)) continue;
      bool exact = same(group.gid) || same(group.display);
      (exact ? out.exact_groups : out.groups).push_back(std::move(group));
    }
  }
  sort_by_name(out.exact_people);
  sort_by_name(out.people);
  sort_by_name(out.exact_groups);
  sort_by_name(out.groups);
  return out;
}

// What people say about how to reach them, for those who say something.
class Statuses {
 public:
  explicit Statuses(store::ReadTx& tx) {
    for (auto& status : members::statuses(tx)) {
      status = members::seen_by_others(std::move(status));
      bool quiet = status.kind == members::StatusKind::offline && !status.says_something();
      if (!quiet) by_member_.emplace(status.member, std::move(status));
    }
  }
  json::value of(const call::Call& call, MemberId member, json::value none) const {
    auto found = by_member_.find(member);
    if (found == by_member_.end()) return none;
    return status_fields(call, found->second);
  }

 private:
  std::map<MemberId, members::Status> by_member_;
};

// What tells people of one name apart.
std::string unique_name(const Member& member) {
  return member.email.value_or(member.uid);
}

json::object person(const call::Call& call, const Member& member, const Statuses& statuses) {
  return {{"label", member.display},
          {"subline", ""},
          {"icon", "icon-user"},
          {"value", {{"shareType", kUserType}, {"shareWith", member.uid}}},
          {"shareWithDisplayNameUnique", unique_name(member)},
          {"status", statuses.of(call, member.id, json::array())}};
}

json::object group_entry(const Group& group) {
  return {{"label", group.display},
          {"value", {{"shareType", kGroupType}, {"shareWith", group.gid}}}};
}

json::object categories() {
  json::object out;
  for (const auto* name : kCategories) out[name] = json::array();
  return out;
}

// The address of the next page, as it is asked for by a client that follows links.
std::string next_link(const call::Call& call, const Params& params, const Query& query) {
  std::string link = "<" + call::base_url(call) + call.head.path + "?search=";
  link += uri::form_encode(query.search);
  link += "&itemType=" + uri::form_encode(params.text_or("itemType", ""));
  if (query.users) link += "&shareType%5B%5D=0";
  if (query.groups) link += "&shareType%5B%5D=1";
  link += "&perPage=" + std::to_string(query.per_page);
  link += "&page=" + std::to_string(query.page + 1);
  return link + ">; rel=\"next\"";
}

}  // namespace

http::Response sharees(store::ReadTx& tx, const call::Call& call) {
  auto params = Params::of(call);
  if (!params) return refuse(call.head, call.language, params.error());
  auto query = query_of(call, *params);
  if (!query) return std::move(query.error());
  auto found = find(tx, *call.caller, *query);
  Statuses statuses(tx);
  json::object exact = categories();
  if (query->page == 1) {
    for (const auto& member : found.exact_people) {
      exact["users"].get_array().push_back(person(call, member, statuses));
    }
    for (const auto& group : found.exact_groups) {
      exact["groups"].get_array().push_back(group_entry(group));
    }
  }
  Page page{.limit = static_cast<std::size_t>(query->per_page),
            .offset = static_cast<std::size_t>((query->page - 1) * query->per_page)};
  std::size_t end = page.offset + page.limit;
  bool more = found.people.size() > end || found.groups.size() > end;
  json::object data = categories();
  for (const auto& member : cut(std::move(found.people), page)) {
    data["users"].get_array().push_back(person(call, member, statuses));
  }
  for (const auto& group : cut(std::move(found.groups), page)) {
    data["groups"].get_array().push_back(group_entry(group));
  }
  data["exact"] = std::move(exact);
  data["lookup"] = json::array();
  data["lookupEnabled"] = false;
  auto response = ok(call, std::move(data));
  if (more) response.headers.set("Link", next_link(call, *params, *query));
  return response;
}

http::Response sharees_recommended(store::ReadTx& tx, const call::Call& call) {
  auto params = Params::of(call);
  if (!params) return refuse(call.head, call.language, params.error());
  auto query = query_of(call, *params);
  if (!query) return std::move(query.error());
  auto groups = members::groups_of(tx, call.caller->member);
  std::map<std::string, std::pair<int, Member>> shared;  // by uid: how many groups
  for (const auto& belonging : groups) {
    for (auto& member : people_in(tx, belonging.group)) {
      if (member.disabled || member.id == call.caller->member) continue;
      auto uid = member.uid;
      ++shared.try_emplace(uid, 0, std::move(member)).first->second.first;
    }
  }
  std::vector<std::pair<int, Member>> people;
  for (auto& [uid, entry] : shared) people.push_back(std::move(entry));
  std::ranges::stable_sort(people, std::greater(), &std::pair<int, Member>::first);
  if (people.size() > kRecommendedMax) people.resize(kRecommendedMax);
  if (groups.size() > kRecommendedMax) groups.resize(kRecommendedMax);
  json::object exact = categories();
  for (const auto& [count, member] : people) {
    if (!query->users) break;
    exact["users"].get_array().push_back(
        json::object{{"count", count},
                     {"label", member.display},
                     {"value", {{"shareType", kUserType}, {"shareWith", member.uid}}}});
  }
  for (const auto& belonging : groups) {
    if (!query->groups) break;
    auto entry = group_entry(belonging.group);
    entry["count"] = 1;
    exact["groups"].get_array().push_back(std::move(entry));
  }
  json::object data = categories();
  data["exact"] = std::move(exact);
  return ok(call, std::move(data));
}

http::Response autocomplete(store::ReadTx& tx, const call::Call& call) {
  auto params = Params::of(call);
  if (!params) return refuse(call.head, call.language, params.error());
  auto page = page_of(*params, kMentionsMax);
  if (!page) return refuse(call.head, call.language, page.error());
  if (!params->text("limit")) page->limit = 10;
  Query query;
  query.search = text::trim(params->text_or("search", ""));
  query.groups = false;
  choose_types(query, params->list("shareTypes"));
  auto found = find(tx, *call.caller, query);
  Statuses statuses(tx);
  json::array list;
  auto add_people = [&](const std::vector<Member>& people) {
    for (const auto& member : people) {
      list.push_back(json::object{{"id", member.uid},
                                  {"label", member.display},
                                  {"icon", "icon-user"},
                                  {"source", "users"},
                                  {"status", statuses.of(call, member.id, "")},
                                  {"subline", ""},
                                  {"shareWithDisplayNameUnique", unique_name(member)}});
    }
  };
  auto add_groups = [&](const std::vector<Group>& groups) {
    for (const auto& group : groups) {
      list.push_back(json::object{{"id", group.gid},
                                  {"label", group.display},
                                  {"icon", "icon-group"},
                                  {"source", "groups"},
                                  {"status", ""},
                                  {"subline", ""},
                                  {"shareWithDisplayNameUnique", ""}});
    }
  };
  add_people(found.exact_people);
  add_groups(found.exact_groups);
  add_people(found.people);
  add_groups(found.groups);
  if (list.size() > page->limit) list.resize(page->limit);
  return ok(call, std::move(list));
}

}  // namespace essaim::ocs
