// New accounts, and what of an account may be changed.
#include <boost/json.hpp>

#include "base/time/local_day.h"
#include "features/files/places.h"
#include "features/members/members.h"
#include "features/members/profile.h"
#include "protocols/ocs/audit.h"
#include "protocols/ocs/internal/described.h"
#include "protocols/ocs/internal/params.h"
#include "protocols/ocs/internal/people.h"
#include "protocols/ocs/internal/quota_text.h"
#include "protocols/ocs/people.h"

namespace essaim::ocs {

namespace json = boost::json;
using namespace internal;
using members::Manager;
using members::Member;

namespace {

constexpr Refusal kBadName{101,
                           "Un identifiant a 1 à 64 signes parmi A-Z a-z 0-9 . _ - @ et l’espace.",
                           "An account name is 1 to 64 of A-Z a-z 0-9 . _ - @ and space."};
constexpr Refusal kBadEmail{101, "Ce n’est pas une adresse électronique.",
                            "This is no e-mail address."};
constexpr Refusal kBadQuota{101, "Ce n’est pas une taille : écrivez par exemple 5 GB.",
                            "This is no size: write 5 GB, for example."};
constexpr Refusal kBadLanguage{101, "Les langues sont fr et en.", "The languages are fr and en."};
constexpr Refusal kBadDay{101, "Écrivez un jour à venir, par exemple 2027-06-14.",
                          "Write a day to come, 2027-06-14 for example."};
constexpr Refusal kNoGuest{101, "Seul un compte invité prend fin de lui-même.",
                           "Only a guest’s account ends by itself."};
constexpr Refusal kBadValue{101, "Cette valeur n’est pas possible ici.",
                            "This value is not possible here."};
constexpr Refusal kTaken{102, "Ce compte existe déjà, ou son adresse est celle d’un autre.",
                         "This account exists already, or its address is somebody else’s."};
constexpr Refusal kEmailTaken{102, "Cette adresse est celle d’un autre compte.",
                              "This address belongs to another account."};
constexpr Refusal kNoManagersOfGestion{103, "Le groupe admin n’a pas de responsable.",
                                       "The group admin has no managers."};
constexpr Refusal kNoGroup{104, "Ce groupe n’existe pas.", "This group does not exist."};
constexpr Refusal kGestionGives{105, "Seule la gestion donne ou retire le rôle de gestion.",
                                "Only who manages the space gives or takes that role."};
constexpr Refusal kBadPassword{107, "Un mot de passe a au moins 12 signes.",
                               "A password has at least 12 characters."};
constexpr Refusal kNoPassword{108, "Un mot de passe est nécessaire.", "A password is needed."};
constexpr Refusal kNoSuchKey{113, "Cela ne se modifie pas ici.", "This cannot be changed here."};

struct Asked {
  members::NewMember member;
  std::string password;
  std::string language;
  std::vector<members::Group> joins;
  std::vector<members::Group> manages;
};

// The groups that a new account is to be in, and its role when "admin" is among them.
Or<void> read_groups(store::ReadTx& tx, const call::Call& call, const Params& params, Asked& out) {
  for (const auto& gid : params.list("groups")) {
    if (is_gestion(gid)) {
      if (call.caller->role != members::Role::gestion) return stop(call, kGestionGives);
      if (!in_person(*call.caller)) return stop(call, kNotInPerson);
      out.member.role = members::Role::gestion;
      continue;
    }
    auto group = members::find_group(tx, gid);
    if (!group) return stop(call, kNoGroup);
    out.joins.push_back(std::move(*group));
  }
  for (const auto& gid : params.list("subadmin")) {
    if (is_gestion(gid)) return stop(call, kNoManagersOfGestion);
    auto group = members::find_group(tx, gid);
    if (!group) return stop(call, kNoGroup);
    out.manages.push_back(std::move(*group));
  }
  return {};
}

// Everything about a new account but its password.
Or<Asked> read_new(store::ReadTx& tx, const call::Call& call) {
  if (!administers(*call.caller)) return stop(call, kNotYours);
  auto params = TRY(or_refuse(call, Params::of(call)));
  Asked out;
  out.member.uid = params.text_or("userid", "");
  out.member.display = params.text_or("displayName", "");
  auto email = params.text_or("email", "");
  if (!email.empty()) out.member.email = email;
  out.password = params.text_or("password", "");
  out.language = params.text_or("language", "");
  if (out.member.uid.empty()) return stop(call, kBadName);
  if (members::find_login(tx, out.member.uid)) return stop(call, kTaken);
  if (out.language != "" && out.language != "fr" && out.language != "en") {
    return stop(call, kBadLanguage);
  }
  auto quota = parse_quota(params.text_or("quota", ""));
  if (!quota) return stop(call, kBadQuota);
  out.member.quota_bytes = *quota;
  TRY_VOID(read_groups(tx, call, params, out));
  if (out.password.empty()) return stop(call, kNoPassword);
  if (!members::check_password(out.password)) return stop(call, kBadPassword);
  return out;
}

Or<json::value> run_add(store::WriteTx& tx, const call::Call& call) {
  auto asked = TRY(read_new(tx, call));
  // The account did not allow it when the hash was to be made, and does now: as good as busy.
  if (call.password_hash.empty()) return stop(call, Code::busy);
  asked.member.password_hash = call.password_hash;
  constexpr CodedRefusal kWords[] = {{Code::exists, kTaken},
                                     {Code::too_many, kNoAccountLeft},
                                     {Code::bad_request,
                                      {101,
                                       "Ce nom, cette adresse ou cet affichage "
                                       "n’est pas possible.",
                                       "This name or address is not possible."}}};
  auto member = TRY(or_refuse(call, members::add(tx, asked.member), kWords));
  TRY(or_refuse(call, files::create_home(tx, member)));
  if (!asked.language.empty()) {
    TRY_VOID(or_refuse(call, members::set_locale(tx, member.id, asked.language)));
  }
  member = TRY(or_refuse(call, members::find(tx, member.id)));
  for (const auto& group : asked.joins) {
    files::join_group(tx, group.id, member.id, Manager::no);
  }
  for (const auto& group : asked.manages) {
    files::join_group(tx, group.id, member.id, Manager::yes);
  }
  record(tx, call, members::audit::Action::member_added, member.uid);
  return json::value{{"id", member.uid}};
}

// --- changes

struct Edit {
  Member member;
  std::string key;
  std::string value;
};

// What a PUT wants to change, of an account that the caller may change.
Or<Edit> read_edit(store::ReadTx& tx, const call::Call& call) {
  auto names = TRY(or_refuse(call, segments_of(call)));
  constexpr CodedRefusal kUnknown[] = {{Code::not_found, kNoSuchAccount}};
  Edit out;
  out.member = TRY(or_refuse(call, find_person(tx, *call.caller, names[2]), kUnknown));
  bool own = out.member.id == call.caller->member;
  if (!own && !may_administer(*call.caller, out.member)) return stop(call, Code::forbidden);
  auto params = TRY(or_refuse(call, Params::of(call)));
  out.key = params.text_or("key", "");
  out.value = params.text_or("value", "");
  bool looked_after = out.key == "quota" || out.key == "expires";
  if (looked_after && !administers(*call.caller)) return stop(call, kNoSuchKey);
  if (out.key == "password") {
    if (!in_person(*call.caller)) return stop(call, kNotInPerson);
    if (!members::check_password(out.value)) return stop(call, kBadPassword);
  }
  return out;
}

Or<void> edit_profile(store::WriteTx& tx, const call::Call& call, const Edit& edit) {
  constexpr CodedRefusal kWords[] = {{Code::bad_request, kBadValue}};
  for (const auto& [field, name] : kProfileNames) {
    if (edit.key != name) continue;
    return or_refuse(call, members::set_profile(tx, edit.member.id, field, edit.value), kWords);
  }
  return stop(call, kNoSuchKey);
}

Or<void> edit_expiry(store::WriteTx& tx, const call::Call& call, const Edit& edit) {
  std::optional<Instant> end;
  if (!edit.value.empty()) {
    end = end_of_local_day(edit.value);
    if (!end) return stop(call, kBadDay);
  }
  constexpr CodedRefusal kWords[] = {{Code::bad_request, kBadDay}, {Code::conflict, kNoGuest}};
  TRY_VOID(or_refuse(call, members::set_expiry(tx, edit.member.id, end), kWords));
  record(tx, call, members::audit::Action::expiry_changed,
         edit.member.uid + ": " + (end ? edit.value : "never"));
  return {};
}

Or<void> apply(store::WriteTx& tx, const call::Call& call, const Edit& edit) {
  MemberId id = edit.member.id;
  constexpr CodedRefusal kDisplayWords[] = {{Code::bad_request, kBadValue}};
  constexpr CodedRefusal kEmailWords[] = {{Code::bad_request, kBadEmail},
                                          {Code::exists, kEmailTaken}};
  constexpr CodedRefusal kLanguageWords[] = {{Code::bad_request, kBadLanguage}};
  if (edit.key == "displayname" || edit.key == "display") {
    return or_refuse(call, members::set_display(tx, id, edit.value), kDisplayWords);
  }
  if (edit.key == "email") {
    std::optional<std::string> email;
    if (!edit.value.empty()) email = edit.value;
    return or_refuse(call, members::set_email(tx, id, email), kEmailWords);
  }
  if (edit.key == "language") {
    return or_refuse(call, members::set_locale(tx, id, edit.value), kLanguageWords);
  }
  if (edit.key == "quota") {
    auto quota = parse_quota(edit.value);
    if (!quota) return stop(call, kBadQuota);
    return or_refuse(call, members::set_quota(tx, id, *quota));
  }
  if (edit.key == "expires") return edit_expiry(tx, call, edit);
  if (edit.key == "password") {
    if (call.password_hash.empty()) return stop(call, Code::busy);
    members::set_password(tx, id, call.password_hash);
    record(tx, call, members::audit::Action::password_changed, edit.member.uid);
    return {};
  }
  return edit_profile(tx, call, edit);
}

Or<json::value> run_edit(store::WriteTx& tx, const call::Call& call) {
  auto edit = TRY(read_edit(tx, call));
  TRY_VOID(apply(tx, call, edit));
  return json::array();
}

}  // namespace

std::string new_user_password(store::ReadTx& tx, const call::Call& call) {
  auto asked = read_new(tx, call);
  return asked ? std::move(asked->password) : std::string();
}

call::Answer add_user(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_add(tx, call));
}

std::string edited_password(store::ReadTx& tx, const call::Call& call) {
  auto edit = read_edit(tx, call);
  return edit && edit->key == "password" ? std::move(edit->value) : std::string();
}

call::Answer edit_account(store::WriteTx& tx, const call::Call& call) {
  return change_of(call, run_edit(tx, call));
}

}  // namespace essaim::ocs
