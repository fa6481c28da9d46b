// What grantees are called.
#include <algorithm>

#include "features/access/levels.h"
#include "features/members/groups.h"

namespace essaim::access {

namespace {

using Kind = Grantee::Kind;

struct Word {
  Kind kind;
  std::string_view name;
};
constexpr Word kKinds[] = {{Kind::member, "member"},
                           {Kind::group, "group"},
                           {Kind::everyone, "everyone"},
                           {Kind::gestion, "gestion"},
                           {Kind::managers, "managers"}};
constexpr std::string_view kGestionName = "Gestion";

}  // namespace

GranteeName name_of(store::ReadTx& tx, Grantee who) {
  GranteeName out{.kind = std::ranges::find(kKinds, who.kind, &Word::kind)->name};
  switch (who.kind) {
    case Kind::member:
      if (auto member = members::find(tx, MemberId{who.id})) {
        out.name = member->uid;
        out.display = member->display;
      }
      return out;
    case Kind::group:
    case Kind::managers:
      if (auto group = members::find_group(tx, GroupId{who.id})) {
        out.name = group->gid;
        out.display = group->display;
      }
      return out;
    case Kind::everyone:
      out.display = members::kEveryoneName;
      return out;
    case Kind::gestion:
      out.display = kGestionName;
      return out;
  }
  return out;
}

Result<Grantee> grantee_named(store::ReadTx& tx, std::string_view kind, std::string_view name) {
  const auto* word = std::ranges::find(kKinds, kind, &Word::name);
  if (word == std::end(kKinds)) return fail(Code::not_found, "no such kind of grantee");
  if (word->kind == Kind::everyone || word->kind == Kind::gestion) return Grantee{word->kind};
  if (word->kind == Kind::member) {
    auto member = TRY(members::find(tx, name));
    return Grantee{Kind::member, member.id.value};
  }
  auto group = TRY(members::find_group(tx, name));
  return Grantee{word->kind, group.id.value};
}

}  // namespace essaim::access
