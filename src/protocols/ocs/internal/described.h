// A person as the clients read them.
#pragma once

#include <boost/json.hpp>
#include <string_view>

#include "features/members/members.h"
#include "features/members/profile.h"
#include "space/store/tx.h"

namespace essaim::ocs::internal {

// The profile's fields and what the wire calls them.
struct ProfileName {
  members::ProfileField field;
  std::string_view name;
};
inline constexpr ProfileName kProfileNames[] = {
    {members::ProfileField::phone, "phone"},
    {members::ProfileField::address, "address"},
    {members::ProfileField::website, "website"},
    {members::ProfileField::organisation, "organisation"},
    {members::ProfileField::role, "role"},
    {members::ProfileField::headline, "headline"},
    {members::ProfileField::biography, "biography"},
};

// For themselves and whoever looks after them. Cost: about ten small reads.
boost::json::object whole_account(store::ReadTx& tx, const members::Member& member);
// For the others: name, address and profile.
boost::json::object public_account(store::ReadTx& tx, const members::Member& member);

// The gids of their groups, the one that stands for the role gestion among them.
boost::json::array group_names(store::ReadTx& tx, const members::Member& member);

}  // namespace essaim::ocs::internal
