// Who may see and change whom. Groups change by files/places.h, so that their folders follow.
#pragma once

#include <boost/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "features/access/access.h"
#include "features/members/groups.h"
#include "features/members/members.h"
#include "protocols/call/call.h"
#include "protocols/ocs/reply.h"
#include "space/store/tx.h"

namespace essaim::ocs::internal {

// --- who may

inline bool administers(const access::Caller& caller) {
  return members::looks_after_people(caller.role);
}
// A referent looks after everybody but those of role gestion: who sets their password has their
// role.
bool may_administer(const access::Caller& caller, const members::Member& member);
// What opens an account or a person's private files to somebody else needs its caller in person: an
// app token is on devices that get lost, and lasts until it is noticed; a browser stays open. To be
// asked after whether the caller may at all.
inline bool in_person(const access::Caller& caller) {
  return caller.in_person;
}
// Groups that the caller manages.
std::vector<members::Group> managed_by(store::ReadTx& tx, MemberId caller);
// Everybody for whom `administers`, else whoever is in a group that the caller manages.
bool may_list(store::ReadTx& tx, const access::Caller& caller, const members::Member& member);
bool manages(store::ReadTx& tx, MemberId caller, GroupId group);

// --- who is seen

// Accounts that are there: not those on their way out. A guest sees the people of their own groups.
// Error: not_found.
Result<members::Member> find_person(store::ReadTx& tx, const access::Caller& caller,
                                    std::string_view uid);
// All of them, by uid.
std::vector<members::Member> people_seen(store::ReadTx& tx, const access::Caller& caller);
std::vector<members::Group> groups_seen(store::ReadTx& tx, const access::Caller& caller);
// Those there in a group, or of role gestion for the group that stands for it.
std::vector<members::Member> people_in(store::ReadTx& tx, const members::Group& group);
std::vector<members::Member> people_of_gestion(store::ReadTx& tx);

// True when `needle` is in one of the texts, whatever the case and the accents.
bool found_in(std::string_view needle, std::span<const std::string> texts);
bool found_in(std::string_view needle, const members::Member& member);
bool found_in(std::string_view needle, const members::Group& group);

// Whether a gid is the one that stands for the role gestion.
bool is_gestion(std::string_view gid);

// --- answers

// Data, or the refusal.
template <class T>
using Or = tl::expected<T, http::Response>;
struct CodedRefusal {
  Code code;
  Refusal refusal;
};
// The error in the words of this endpoint, where it has some.
http::Response refusal_of(const call::Call& call, const Error& error,
                          std::span<const CodedRefusal> words);
template <class T>
Or<T> or_refuse(const call::Call& call, Result<T> result,
                std::span<const CodedRefusal> words = {}) {
  return std::move(result).map_error(
      [&](const Error& error) { return refusal_of(call, error, words); });
}
inline tl::unexpected<http::Response> stop(const call::Call& call, const Refusal& refusal) {
  return tl::unexpected(refuse(call, refusal));
}
inline tl::unexpected<http::Response> stop(const call::Call& call, Code code) {
  return tl::unexpected(refuse(call.head, call.language, Error{code, {}}));
}
http::Response answer_of(const call::Call& call, Or<boost::json::value> data);
// The same of a change: version 1 says 200 to nearly everything, and yet nothing may stay of what
// was refused.
call::Answer change_of(const call::Call& call, Or<boost::json::value> data);

inline constexpr Refusal kNoSuchAccount{998, "Ce compte n’existe pas.",
                                        "This account does not exist."};
inline constexpr Refusal kNotYours{403, "Il faut être référent ou gérer un groupe pour cela.",
                                   "You must look after people or manage a group for this."};

inline constexpr Refusal kNoAccountLeft{103, "L’espace a son plus grand nombre de comptes.",
                                        "The space has its highest number of accounts."};
inline constexpr Refusal kNotInPerson{
    403,
    "Pour cela il faut se connecter soi-même, à l’instant : un mot de passe d’application ne "
    "suffit "
    "pas.",
    "For this, log in yourself and just now: an app password is not enough."};

inline constexpr Refusal kOnlyGestionGives{403,
                                           "Seule la gestion confie les fichiers de quelqu’un.",
                                           "Only who manages the space gives files to an heir."};
inline constexpr Refusal kNoHeir{104, "Cette personne ne peut pas reprendre les fichiers.",
                                 "This person cannot take over the files."};

}  // namespace essaim::ocs::internal
