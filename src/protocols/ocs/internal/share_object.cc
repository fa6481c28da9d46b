#include "protocols/ocs/internal/share_object.h"

#include "base/time/local_day.h"
#include "features/files/places.h"
#include "features/files/reach.h"
#include "features/members/groups.h"
#include "formats/mime/types.h"
#include "protocols/ocs/internal/paths.h"

namespace essaim::ocs::internal {

namespace {

namespace json = boost::json;

std::string joined(const files::Path& path) {
  return path.empty() ? "/" : slashed(path);
}

struct Person {
  std::string uid;
  std::string display;
};

Person person(store::ReadTx& tx, MemberId id) {
  auto member = members::find(tx, id);
  return member ? Person{member->uid, member->display} : Person{};
}

// Whose file it is: of a place of the space, whoever shared it.
Person owner_of(store::ReadTx& tx, const files::Node& node, const Person& maker) {
  auto place = files::place_of(tx, node.standing.place);
  if (!place || place->kind != files::PlaceKind::home) return maker;
  return person(tx, MemberId{place->owner});
}

void add_grantee(store::ReadTx& tx, const shares::Share& share, json::object& out) {
  using Kind = access::Grantee::Kind;
  Person whom;
  std::string unique;
  switch (share.who.kind) {
    case Kind::member: {
      auto member = members::find(tx, MemberId{share.who.id});
      if (member) whom = {member->uid, member->display};
      if (member) unique = member->email.value_or(member->uid);
      break;
    }
    case Kind::group: {
      auto group = members::find_group(tx, GroupId{share.who.id});
      if (group) whom = {group->gid, group->display};
      break;
    }
    default:
      whom = {std::string(members::kEveryoneGid), std::string(members::kEveryoneName)};
  }
  out["share_with"] = whom.uid;
  out["share_with_displayname"] = whom.display;
  if (!unique.empty()) out["share_with_displayname_unique"] = unique;
}

}  // namespace

Result<Instant> end_of_day(std::string_view date) {
  auto end = end_of_local_day(date.substr(0, 10));
  if (!end) return fail(Code::bad_request, "no date");
  return *end;
}

json::object left_object(store::ReadTx& tx, const shares::Share& share) {
  Person maker = person(tx, share.made_by);
  auto name = files::name_of(tx, share.node);
  bool to_member = share.who.kind == access::Grantee::Kind::member;
  json::object out{{"id", std::to_string(share.id.value)},
                   {"share_type", to_member ? kToMember : kToGroup},
                   {"uid_owner", maker.uid},
                   {"displayname_owner", maker.display},
                   {"permissions", share.permissions},
                   {"stime", share.created.seconds()},
                   {"uid_file_owner", maker.uid},
                   {"displayname_file_owner", maker.display},
                   {"path", "/" + name},
                   {"file_target", "/" + name},
                   {"item_source", share.node.value},
                   {"file_source", share.node.value}};
  add_grantee(tx, share, out);
  return out;
}

std::optional<json::object> share_object(store::ReadTx& tx, const call::Call& call,
                                         const shares::Share& share) {
  const access::Caller& caller = *call.caller;
  access::Place place{caller.home};
  auto node = files::find_by_id(tx, caller, place, share.node);
  auto path = files::path_of(tx, caller, place, share.node);
  if (!node || !path) return std::nullopt;
  Person maker = person(tx, share.made_by);
  Person owner = owner_of(tx, *node, maker);
  if (maker.uid.empty()) maker = owner;
  bool mine = share.made_by == caller.member || node->standing.rights.manage;
  bool to_member = share.who.kind == access::Grantee::Kind::member;
  bool received = node->standing.mount_root && node->standing.via == files::Via::share;
  bool shown = previews::kind_of(call.previews, mime::type_of(node->name), node->size) !=
               previews::Kind::none;
  json::object out{{"id", std::to_string(share.id.value)},
                   {"share_type", to_member ? kToMember : kToGroup},
                   {"uid_owner", maker.uid},
                   {"displayname_owner", maker.display},
                   {"permissions", share.permissions},
                   {"can_edit", mine},
                   {"can_delete", true},
                   {"stime", share.created.seconds()},
                   {"parent", nullptr},
                   {"expiration", nullptr},
                   {"token", nullptr},
                   {"uid_file_owner", owner.uid},
                   {"note", share.note},
                   {"label", share.label},
                   {"displayname_file_owner", owner.display},
                   {"path", joined(*path)},
                   {"item_type", node->is_folder() ? "folder" : "file"},
                   {"item_permissions", shares::permissions_of(*node)},
                   {"mimetype", node->is_folder() ? std::string_view("httpd/unix-directory")
                                                  : mime::type_of(node->name)},
                   {"has_preview", !node->is_folder() && shown},
                   {"storage_id", "home::" + owner.uid},
                   {"storage", node->standing.place.value},
                   {"item_source", node->id.value},
                   {"file_source", node->id.value},
                   {"file_parent", node->parent.value},
                   {"file_target", received ? joined(*path) : "/" + node->name},
                   {"item_size", node->size},
                   {"item_mtime", node->mtime},
                   {"is-mount-root", node->standing.mount_root},
                   {"mount-type", node->standing.via == files::Via::home    ? ""
                                  : node->standing.via == files::Via::place ? "group"
                                                                            : "shared"},
                   {"mail_send", 0},
                   {"hide_download", share.download ? 0 : 1},
                   {"attributes", nullptr},
                   {"tags", json::array()},
                   {"is_trusted_server", false}};
  if (share.until) {
    // CLIENT: the only form that the desktop reads.
    out["expiration"] = local_day_ending(*share.until) + " 00:00:00";
  }
  if (!share.attributes.empty()) out["attributes"] = share.attributes;
  add_grantee(tx, share, out);
  return out;
}

}  // namespace essaim::ocs::internal
