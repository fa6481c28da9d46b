// Nextcloud's provisioning API: accounts and groups. Each address exists in version 1 and 2.
//
// Who may: gestion and referents look after everybody, but a referent not after those of gestion; a
// group's manager lists, adds and removes its members; everybody changes what is their own. The
// role gestion is the group "admin" on the wire: listed, joined and left like one, and no group.
#pragma once

#include <cstddef>
#include <string>

#include "protocols/call/call.h"

namespace essaim::ocs {

// --- /cloud/users
// GET ?search=&limit=&offset= : uids; those in groups of theirs for a manager.
http::Response users(store::ReadTx& tx, const call::Call& call);
// GET /cloud/users/details: whole accounts by uid, kDetailsMax in one answer.
http::Response users_details(store::ReadTx& tx, const call::Call& call);
inline constexpr std::size_t kDetailsMax = 200;
// POST userid, password, displayName, email, groups[], subadmin[], quota, language.
// Codes: 101 something is not possible, 102 exists, 103 no managers of "admin", 104 no such group,
// 105 "admin" is only for gestion to give, 107 password too short or long, 108 no password.
call::Answer add_user(store::WriteTx& tx, const call::Call& call);
std::string new_user_password(store::ReadTx& tx, const call::Call& call);

// --- /cloud/users/{uid}
// GET: the whole account for themselves and whoever may list it, the public part for others. 998.
http::Response account(store::ReadTx& tx, const call::Call& call);
// PUT key, value. For whoever looks after people also `quota`, and `expires`: the last day of a
// guest's account, "2027-06-14" or "". Codes: 101 value not possible, 107 password, 113 no such
// key, or not theirs.
call::Answer edit_account(store::WriteTx& tx, const call::Call& call);
std::string edited_password(store::ReadTx& tx, const call::Call& call);
// DELETE heir: who takes over what was theirs alone, for gestion to name; without, it is held
// (looking_after.h). Codes: 101 oneself, or the last of gestion; 104 no heir; 998.
call::Answer delete_account(store::WriteTx& tx, const call::Call& call);
// PUT /enable and /disable. Code 101 as above.
call::Answer enable_account(store::WriteTx& tx, const call::Call& call);
call::Answer disable_account(store::WriteTx& tx, const call::Call& call);
// PUT or POST /wipe: all devices erase what they hold. Code 101: oneself.
call::Answer wipe_account(store::WriteTx& tx, const call::Call& call);
// GET /cloud/user/fields and /cloud/user/fields/{uid}: what of an account may be edited.
http::Response editable_fields(store::ReadTx& tx, const call::Call& call);

// --- /cloud/users/{uid}/groups
http::Response account_groups(store::ReadTx& tx, const call::Call& call);
// POST and DELETE groupid. Codes: 101 none given, 102 no such group, 103 no such account, 104 not
// yours to give, 105 not possible.
call::Answer join_group(store::WriteTx& tx, const call::Call& call);
call::Answer leave_group(store::WriteTx& tx, const call::Call& call);
// --- /cloud/users/{uid}/subadmins: groups that the account manages
http::Response account_managed(store::ReadTx& tx, const call::Call& call);
// Codes of POST: 101 no such account, 102 no such group, 103 "admin"; of DELETE: 101 either is
// missing, 102 no manager of it.
call::Answer make_manager(store::WriteTx& tx, const call::Call& call);
call::Answer unmake_manager(store::WriteTx& tx, const call::Call& call);

// --- /cloud/groups
http::Response groups(store::ReadTx& tx, const call::Call& call);
http::Response groups_details(store::ReadTx& tx, const call::Call& call);
// POST groupid, displayname. Codes: 101 name not possible, 102 exists, 103 too many.
call::Answer add_group(store::WriteTx& tx, const call::Call& call);
// GET /cloud/groups/{gid} and /users: uids.
http::Response group_users(store::ReadTx& tx, const call::Call& call);
http::Response group_users_details(store::ReadTx& tx, const call::Call& call);
http::Response group_managers(store::ReadTx& tx, const call::Call& call);
// PUT key=displayname, value. Code 101: not possible.
call::Answer edit_group(store::WriteTx& tx, const call::Call& call);
// Codes: 101 no such group, 102 "admin".
call::Answer delete_group(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::ocs
