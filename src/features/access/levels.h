// What people say instead of rights and grantees: "the bureau may edit".
//
// A level is a step of rights with a name; a grantee has a kind and a name. The words are those of
// the wire and of the operator's commands; clients put them into the language of their people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "features/access/access.h"
#include "space/store/tx.h"

namespace essaim::access {

// kSee, kComment and so on, by name.
enum class Level : std::uint8_t { see, comment, edit, drop, manage };
inline constexpr Level kLevels[] = {Level::see, Level::comment, Level::edit, Level::drop,
                                    Level::manage};
std::string_view name(Level level);
std::optional<Level> level_named(std::string_view word);
Rights rights_of(Level level);
// None: rights that are no step, as shares may give them.
std::optional<Level> level_of(const Rights& rights);
// "read", "write" and so on, in the order of their bits.
std::vector<std::string_view> words_of(const Rights& rights);

// A folder of a place of the space: the whole place, or a folder somewhere in it.
enum class Spot : std::uint8_t { root, below };
// Whether the caller, who has `have` on such a folder, may say who else has which level there:
// whoever manages it, and those of gestion for a whole place, also one that they do not see into:
// they name the managers of groups anyway.
bool may_set_levels(const Caller& caller, const Rights& have, Spot spot);
// Whether they may know who has which: also whoever may give it on.
bool may_list_levels(const Caller& caller, const Rights& have, Spot spot);

// As people and operators name one: "group", "bureau", "Le bureau". `name` is a uid or a gid, and
// empty for everyone and for gestion.
struct GranteeName {
  std::string_view kind;  // "member", "group", "everyone", "gestion", "managers"
  std::string name;
  std::string display;
};
// Cost: 1 read.
GranteeName name_of(store::ReadTx& tx, Grantee who);
// A disabled account is found: what it was given may be taken back. Error: not_found (no such kind,
// person or group).
Result<Grantee> grantee_named(store::ReadTx& tx, std::string_view kind, std::string_view name);

}  // namespace essaim::access
