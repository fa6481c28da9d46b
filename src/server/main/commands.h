// What the commands do: ask the running server, print its answer for a person or as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/core/error.h"

namespace essaim::main {

enum class Print : bool { text, json };

// Each prints to standard output. The error's detail is the line for standard error.

Result<void> init(const std::string& data, const std::string& domain);

struct SpaceCreate {
  std::string slug;
  std::string name;
  std::vector<std::string> hosts;
  std::optional<std::int64_t> quota_bytes;
  std::optional<std::int64_t> accounts_max;
};
Result<void> space_create(const std::string& data, const SpaceCreate& wanted);
// `file` "-": standard input.
Result<void> space_create_many(const std::string& data, const std::string& file);
Result<void> space_list(const std::string& data, Print print);
Result<void> space_show(const std::string& data, const std::string& slug, Print print);
struct SpacePlan {
  std::string slug;
  std::optional<std::int64_t> quota_bytes;
  std::optional<std::int64_t> accounts_max;
};
Result<void> space_plan(const std::string& data, const SpacePlan& wanted);
struct SpaceSuspend {
  std::string slug;
  bool read_only = false;
  std::string reason;
};
Result<void> space_suspend(const std::string& data, const SpaceSuspend& wanted);
Result<void> space_resume(const std::string& data, const std::string& slug);
Result<void> space_delete(const std::string& data, const std::string& slug);
// `file` "-": standard output. Otherwise the file appears when it is whole.
Result<void> space_export(const std::string& data, const std::string& slug,
                          const std::string& file);
Result<void> space_import(const std::string& data, const std::string& file, const std::string& as);

struct MemberAdd {
  std::string space;
  std::string uid;
  std::string display;
  std::string role;
  std::string email;
  std::optional<std::int64_t> quota_bytes;
};
Result<void> member_add(const std::string& data, const MemberAdd& wanted);
Result<void> member_list(const std::string& data, const std::string& space, Print print);
Result<void> member_passwd(const std::string& data, const std::string& space,
                           const std::string& uid);
enum class Disabled : bool { no, yes };
Result<void> member_disable(const std::string& data, const std::string& space,
                            const std::string& uid, Disabled disabled);
Result<void> member_role(const std::string& data, const std::string& space, const std::string& uid,
                         const std::string& role);
Result<void> member_token(const std::string& data, const std::string& space, const std::string& uid,
                          const std::string& label);
Result<void> member_tokens(const std::string& data, const std::string& space,
                           const std::string& uid, Print print);
enum class Wipe : bool { no, yes };
Result<void> member_token_end(const std::string& data, const std::string& space,
                              const std::string& uid, std::int64_t id, Wipe wipe);

// Until the end of `day`, "2027-06-14"; "never": it does not end by itself.
Result<void> member_expires(const std::string& data, const std::string& space,
                            const std::string& uid, const std::string& day);
// Ends the account. Without heir what was theirs alone is held.
Result<void> member_handover(const std::string& data, const std::string& space,
                             const std::string& uid, const std::optional<std::string>& heir);
Result<void> member_held(const std::string& data, const std::string& space, Print print);
Result<void> member_take_over(const std::string& data, const std::string& space, std::int64_t held,
                              const std::string& heir);
// What eats the quota, by place.
Result<void> space_usage(const std::string& data, const std::string& slug, Print print);

struct GroupChange {
  std::string space;
  std::string gid;
  std::string display;
  std::string uid;
  bool manager = false;
};
Result<void> group_add(const std::string& data, const GroupChange& wanted);
Result<void> group_list(const std::string& data, const std::string& space, Print print);
Result<void> group_remove(const std::string& data, const GroupChange& wanted);
Result<void> group_join(const std::string& data, const GroupChange& wanted);
Result<void> group_leave(const std::string& data, const GroupChange& wanted);

Result<void> place_list(const std::string& data, const std::string& space, Print print);
// `id`: of a place, or of a folder in one.
Result<void> place_rights(const std::string& data, const std::string& space, std::int64_t id,
                          Print print);
struct PlaceGive {
  std::string space;
  std::int64_t id = 0;
  std::string level;  // "none" takes back
  std::string kind;   // "member", "group", "managers", "everyone" or "gestion"
  std::string name;   // uid or gid, of the first three
};
// Prints what is given there from now on.
Result<void> place_give(const std::string& data, const PlaceGive& wanted);

// What they have chosen themselves; their initials are shown again.
Result<void> member_picture_remove(const std::string& data, const std::string& space,
                                   const std::string& uid);
Result<void> member_second_factor_off(const std::string& data, const std::string& space,
                                      const std::string& uid);
// `of`: gestion or nobody.
Result<void> space_second_factor(const std::string& data, const std::string& slug,
                                 const std::string& of);
// All rows after `since`, the oldest first.
Result<void> space_audit(const std::string& data, const std::string& slug, std::int64_t since,
                         Print print);

// Prints what is wrong. Error: corrupt, when anything is.
Result<void> doctor(const std::string& data, const std::string& space, Print print);

}  // namespace essaim::main
