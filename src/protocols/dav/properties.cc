#include "protocols/dav/properties.h"

#include <algorithm>
#include <charconv>

#include "base/time/http_date.h"
#include "formats/mime/types.h"
#include "formats/xml/writer.h"
#include "protocols/dav/lock_properties.h"
#include "protocols/dav/note_properties.h"

namespace essaim::dav {

namespace {

using files::Node;

void append_number(std::string& out, std::int64_t value) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

bool resource_type(std::string& out, const Node& node, const Sources&) {
  if (node.is_folder()) out += "<d:collection/>";
  return true;
}

bool last_modified(std::string& out, const Node& node, const Sources&) {
  out += format_http_date(Instant{node.mtime * 1000});
  return true;
}

bool content_length(std::string& out, const Node& node, const Sources&) {
  if (node.is_folder()) return false;
  append_number(out, node.size);
  return true;
}

bool content_type(std::string& out, const Node& node, const Sources&) {
  if (node.is_folder()) return false;
  out += mime::type_of(node.name);
  return true;
}

const std::string& epoch_of(const store::SpaceFacts& facts, const Node& node) {
  return node.is_folder() ? facts.epoch : facts.epoch_of(node.seq);
}

const files::Binned* binned_of(const Node& node, const Sources& sources) {
  auto found = sources.binned.find(node.id.value);
  return found == sources.binned.end() ? nullptr : &found->second;
}

const files::Version* version_of(const Node& node, const Sources& sources) {
  auto found = sources.versions.find(node.mtime);
  return found == sources.versions.end() ? nullptr : &found->second;
}

bool etag(std::string& out, const Node& node, const Sources& sources) {
  if (const auto* version = version_of(node, sources)) {
    xml::append_escaped(out, version_etag(*version));
    return true;
  }
  out += "&quot;";
  out += epoch_of(sources.facts, node);
  out += '-';
  append_number(out, node.seq);
  out += "&quot;";
  return true;
}

bool display_name(std::string& out, const Node& node, const Sources& sources) {
  xml::append_escaped(out, node.id == sources.root ? sources.owner_uid : node.name);
  return true;
}

bool creation_date(std::string& out, const Node& node, const Sources&) {
  out += format_iso8601(Instant{node.created * 1000});
  return true;
}

bool quota_used(std::string& out, const Node& node, const Sources&) {
  if (!node.is_folder()) return false;
  append_number(out, node.size);
  return true;
}

bool quota_available(std::string& out, const Node& node, const Sources& sources) {
  if (!node.is_folder()) return false;
  bool home = node.standing.via == files::Via::home;
  append_number(out, (home ? sources.home_quota : sources.quota).available);
  return true;
}

void append_global_id(std::string& out, NodeId id, std::string_view instance_id) {
  constexpr std::size_t kDigits = 8;  // at least
  std::size_t start = out.size();
  append_number(out, id.value);
  std::size_t digits = out.size() - start;
  if (digits < kDigits) out.insert(start, kDigits - digits, '0');
  out += instance_id;
}

bool oc_id(std::string& out, const Node& node, const Sources& sources) {
  append_global_id(out, node.id, sources.facts.instance_id);
  return true;
}

bool file_id(std::string& out, const Node& node, const Sources&) {
  append_number(out, node.id.value);
  return true;
}

bool permissions(std::string& out, const Node& node, const Sources&) {
  out += permission_letters(node);
  return true;
}

bool size(std::string& out, const Node& node, const Sources&) {
  append_number(out, node.size);
  return true;
}

// "SHA256:... SHA1:...", as XML: the hash has no character that needs to be escaped, what a client
// announced may have.
void append_checksums(std::string& out, const Node& node) {
  out += "SHA256:";
  out += node.blob;
  if (node.checksum.empty()) return;
  out += ' ';
  xml::append_escaped(out, node.checksum);
}

bool checksums_of(std::string& out, const Node& node, const Sources&) {
  if (node.is_folder()) return false;
  out += "<oc:checksum>";
  append_checksums(out, node);
  out += "</oc:checksum>";
  return true;
}

bool data_fingerprint(std::string& out, const Node& node, const Sources& sources) {
  if (node.id != sources.root) return false;
  out += sources.fingerprint;
  return true;
}

const Sources::Owner* other_owner(const Node& node, const Sources& sources) {
  auto found = sources.owners.find(node.standing.place.value);
  return found == sources.owners.end() ? nullptr : &found->second;
}

bool owner_id(std::string& out, const Node& node, const Sources& sources) {
  const auto* other = other_owner(node, sources);
  xml::append_escaped(out, other == nullptr ? sources.owner_uid : other->uid);
  return true;
}

bool owner_display(std::string& out, const Node& node, const Sources& sources) {
  const auto* other = other_owner(node, sources);
  xml::append_escaped(out, other == nullptr ? sources.owner_display : other->display);
  return true;
}

// CLIENT: Android knows "group" and "external"; anything else is a share to it.
bool mount_type(std::string& out, const Node& node, const Sources&) {
  if (node.standing.via == files::Via::place) out += "group";
  if (node.standing.via == files::Via::share) out += "shared";
  return true;
}

bool is_mount_root(std::string& out, const Node& node, const Sources&) {
  out += node.standing.mount_root ? "true" : "false";
  return true;
}

bool favorite(std::string& out, const Node& node, const Sources&) {
  out += node.favorite ? '1' : '0';
  return true;
}

bool says_false(std::string& out, const Node&, const Sources&) {
  out += "false";
  return true;
}

bool has_preview(std::string& out, const Node& node, const Sources& sources) {
  auto kind = previews::Kind::none;
  if (!node.is_folder()) {
    kind = previews::kind_of(sources.previews, mime::type_of(node.name), node.size);
  }
  bool there = kind != previews::Kind::none && !sources.no_preview.contains(node.blob, kind);
  out += there ? "true" : "false";
  return true;
}

constexpr std::string_view kOcsNs = "http://open-collaboration-services.org/ns";
constexpr std::string_view kOcmNs = "http://open-cloud-mesh.org/ns";

// Whom a node is given to is shown to those who may change that, and to whoever gave it.
bool shows_grants(const Node& node) {
  bool place = node.standing.mount_root && node.standing.via == files::Via::place;
  return node.standing.rights.manage && !place;
}

bool share_types(std::string& out, const Node& node, const Sources& sources) {
  using Kind = access::Grantee::Kind;
  if (node.given == 0 && sources.shares.empty()) return true;
  bool to_members = shows_grants(node) && node.is_given_to(Kind::member);
  bool to_groups =
      shows_grants(node) && (node.is_given_to(Kind::group) || node.is_given_to(Kind::everyone));
  auto own = sources.shares.empty() ? sources.shares.end() : sources.shares.find(node.id.value);
  if (own != sources.shares.end()) {
    for (const auto& share : own->second) {
      bool to_member = share.who.kind == Kind::member;
      (to_member ? to_members : to_groups) = true;
    }
  }
  if (to_members) out += "<oc:share-type>0</oc:share-type>";
  if (to_groups) out += "<oc:share-type>1</oc:share-type>";
  return true;
}

bool sharees(std::string& out, const Node& node, const Sources& sources) {
  auto found = sources.shares.find(node.id.value);
  if (found == sources.shares.end()) return true;
  for (const auto& share : found->second) {
    xml::Writer writer(out);
    writer.open("nc:sharee");
    writer.element("nc:id", share.with);
    writer.element("nc:display-name", share.with_display);
    writer.element("nc:type", share.who.kind == access::Grantee::Kind::member ? "0" : "1");
    writer.close("nc:sharee");
  }
  return true;
}

bool share_permissions(std::string& out, const Node& node, const Sources&) {
  append_number(out, shares::permissions_of(node));
  return true;
}

bool ocm_permissions(std::string& out, const Node& node, const Sources&) {
  const auto& rights = node.standing.rights;
  out += '[';
  if (rights.share) out += "\"share\",";
  if (rights.read) out += "\"read\",";
  if (rights.write || rights.create) out += "\"write\",";
  if (out.ends_with(',')) out.pop_back();
  out += ']';
  return true;
}

bool share_attributes(std::string& out, const Node& node, const Sources&) {
  bool shared = node.standing.via == files::Via::share;
  bool hidden = shared && node.standing.rights.read && !node.standing.rights.download;
  out += hidden ? R"([{"scope":"permissions","key":"download","value":false}])" : "[]";
  return true;
}

bool note(std::string& out, const Node& node, const Sources& sources) {
  auto found = sources.notes.find(node.id.value);
  if (found != sources.notes.end()) xml::append_escaped(out, found->second);
  return true;
}

bool is_encrypted(std::string& out, const Node&, const Sources&) {
  out += '0';
  return true;
}

bool created(std::string& out, const Node& node, const Sources&) {
  append_number(out, node.created);
  return true;
}

bool uploaded(std::string& out, const Node& node, const Sources&) {
  if (node.is_folder()) return false;
  append_number(out, node.uploaded);
  return true;
}

bool last_activity(std::string& out, const Node& node, const Sources&) {
  append_number(out, std::max(node.mtime, node.uploaded));
  return true;
}

bool contained_folders(std::string& out, const Node& node, const Sources& sources) {
  auto found = sources.child_counts.find(node.id.value);
  if (!node.is_folder() || found == sources.child_counts.end()) return false;
  append_number(out, found->second.folders);
  return true;
}

bool contained_files(std::string& out, const Node& node, const Sources& sources) {
  auto found = sources.child_counts.find(node.id.value);
  if (!node.is_folder() || found == sources.child_counts.end()) return false;
  append_number(out, found->second.files);
  return true;
}

bool bin_filename(std::string& out, const Node& node, const Sources& sources) {
  const auto* binned = binned_of(node, sources);
  if (binned != nullptr) xml::append_escaped(out, node.name);
  return binned != nullptr;
}

bool bin_origin(std::string& out, const Node& node, const Sources& sources) {
  const auto* binned = binned_of(node, sources);
  if (binned != nullptr) xml::append_escaped(out, binned->under + binned->origin);
  return binned != nullptr;
}

bool bin_time(std::string& out, const Node& node, const Sources& sources) {
  const auto* binned = binned_of(node, sources);
  if (binned != nullptr) append_number(out, binned->deleted);
  return binned != nullptr;
}

bool bin_deleted_by(std::string& out, const Node& node, const Sources& sources) {
  const auto* binned = binned_of(node, sources);
  if (binned != nullptr) xml::append_escaped(out, binned->deleted_by);
  return binned != nullptr;
}

bool bin_deleted_by_display(std::string& out, const Node& node, const Sources& sources) {
  const auto* binned = binned_of(node, sources);
  if (binned != nullptr) xml::append_escaped(out, binned->deleted_by_display);
  return binned != nullptr;
}

bool version_label(std::string& out, const Node& node, const Sources& sources) {
  const auto* version = version_of(node, sources);
  if (version == nullptr || version->label.empty()) return false;
  xml::append_escaped(out, version->label);
  return true;
}

bool version_author(std::string& out, const Node& node, const Sources& sources) {
  const auto* version = version_of(node, sources);
  if (version == nullptr || version->author.empty()) return false;
  xml::append_escaped(out, version->author);
  return true;
}

constexpr bool kAll = true;
constexpr bool kNamed = false;

}  // namespace

const std::vector<Property>& properties() {
  static const std::vector<Property> table = {
      // RFC 4918 §15, RFC 4331 §3 and §4
      {kDavNs, "resourcetype", "d:resourcetype", resource_type, kAll},
      {kDavNs, "getlastmodified", "d:getlastmodified", last_modified, kAll},
      {kDavNs, "getcontentlength", "d:getcontentlength", content_length, kAll},
      {kDavNs, "getcontenttype", "d:getcontenttype", content_type, kAll},
      {kDavNs, "getetag", "d:getetag", etag, kAll},
      {kDavNs, "displayname", "d:displayname", display_name, kAll},
      {kDavNs, "creationdate", "d:creationdate", creation_date, kAll},
      {kDavNs, "supportedlock", "d:supportedlock", supported_lock, kAll},
      {kDavNs, "lockdiscovery", "d:lockdiscovery", lock_discovery, kAll},
      {kDavNs, "quota-used-bytes", "d:quota-used-bytes", quota_used, kNamed},
      {kDavNs, "quota-available-bytes", "d:quota-available-bytes", quota_available, kNamed},
      // Nextcloud's clients
      {kOcNs, "id", "oc:id", oc_id, kNamed},
      {kOcNs, "fileid", "oc:fileid", file_id, kNamed},
      {kOcNs, "permissions", "oc:permissions", permissions, kNamed},
      {kOcNs, "size", "oc:size", size, kNamed},
      {kOcNs, "checksums", "oc:checksums", checksums_of, kNamed},
      {kOcNs, "data-fingerprint", "oc:data-fingerprint", data_fingerprint, kNamed},
      {kOcNs, "owner-id", "oc:owner-id", owner_id, kNamed},
      {kOcNs, "owner-display-name", "oc:owner-display-name", owner_display, kNamed},
      {kOcNs, "favorite", "oc:favorite", favorite, kNamed},
      {kOcNs, "share-types", "oc:share-types", share_types, kNamed},
      {kNcNs, "sharees", "nc:sharees", sharees, kNamed},
      // CLIENT: iOS knows these two by the prefixes x1 and x2.
      {kOcsNs, "share-permissions",
       "x1:share-permissions xmlns:x1=\"http://open-collaboration-services.org/ns\"",
       share_permissions, kNamed},
      {kOcmNs, "share-permissions",
       "x2:share-permissions xmlns:x2=\"http://open-cloud-mesh.org/ns\"", ocm_permissions, kNamed},
      {kNcNs, "share-attributes", "nc:share-attributes", share_attributes, kNamed},
      {kNcNs, "note", "nc:note", note, kNamed},
      {kOcNs, "comments-count", "oc:comments-count", comments_count, kNamed},
      {kOcNs, "comments-unread", "oc:comments-unread", comments_unread, kNamed},
      {kOcNs, "comments-href", "oc:comments-href", comments_href, kNamed},
      {kNcNs, "system-tags", "nc:system-tags", system_tags, kNamed},
      {kNcNs, "has-preview", "nc:has-preview", has_preview, kNamed},
      {kNcNs, "mount-type", "nc:mount-type", mount_type, kNamed},
      {kNcNs, "is-mount-root", "nc:is-mount-root", is_mount_root, kNamed},
      {kNcNs, "is-encrypted", "nc:is-encrypted", is_encrypted, kNamed},
      {kNcNs, "lock", "nc:lock", is_locked, kNamed},
      {kNcNs, "lock-owner-type", "nc:lock-owner-type", lock_owner_type, kNamed},
      {kNcNs, "lock-owner", "nc:lock-owner", lock_owner, kNamed},
      {kNcNs, "lock-owner-displayname", "nc:lock-owner-displayname", lock_owner_display, kNamed},
      {kNcNs, "lock-owner-editor", "nc:lock-owner-editor", lock_owner_editor, kNamed},
      {kNcNs, "lock-time", "nc:lock-time", lock_time, kNamed},
      {kNcNs, "lock-timeout", "nc:lock-timeout", lock_timeout, kNamed},
      {kNcNs, "lock-token", "nc:lock-token", lock_token, kNamed},
      {kNcNs, "hidden", "nc:hidden", says_false, kNamed},
      {kNcNs, "creation_time", "nc:creation_time", created, kNamed},
      {kNcNs, "upload_time", "nc:upload_time", uploaded, kNamed},
      {kNcNs, "last_activity", "nc:last_activity", last_activity, kNamed},
      {kNcNs, "contained-folder-count", "nc:contained-folder-count", contained_folders, kNamed},
      {kNcNs, "contained-file-count", "nc:contained-file-count", contained_files, kNamed},
      {kNcNs, "trashbin-filename", "nc:trashbin-filename", bin_filename, kNamed},
      {kNcNs, "trashbin-original-location", "nc:trashbin-original-location", bin_origin, kNamed},
      {kNcNs, "trashbin-deletion-time", "nc:trashbin-deletion-time", bin_time, kNamed},
      {kNcNs, "trashbin-title", "nc:trashbin-title", bin_origin, kNamed},
      {kNcNs, "trashbin-deleted-by-id", "nc:trashbin-deleted-by-id", bin_deleted_by, kNamed},
      {kNcNs, "trashbin-deleted-by-display-name", "nc:trashbin-deleted-by-display-name",
       bin_deleted_by_display, kNamed},
      {kNcNs, "version-label", "nc:version-label", version_label, kNamed},
      {kNcNs, "version-author", "nc:version-author", version_author, kNamed},
  };
  return table;
}

const Property* find_property(std::string_view ns, std::string_view name) {
  for (const Property& property : properties()) {
    if (property.name == name && property.ns == ns) return &property;
  }
  return nullptr;
}

std::string global_id(NodeId id, std::string_view instance_id) {
  std::string out;
  append_global_id(out, id, instance_id);
  return out;
}

std::string version_etag(const files::Version& version) {
  return "\"" + version.blob.substr(0, 32) + "\"";
}

std::string permission_letters(const files::Node& node) {
  const files::Standing& standing = node.standing;
  const access::Rights& rights = standing.rights;
  bool shared = standing.via == files::Via::share;
  // Whoever was given something may give their mount another name or place, and leave it; the
  // places of the space stay where they are.
  bool own_mount = standing.mount_root && shared;
  bool fixed = standing.mount_root && !shared;
  std::string out;
  if (shared) out += 'S';
  if (rights.share) out += 'R';
  // CLIENT: no M for what is mounted. The desktop (3.7.3) takes it for storage from outside, and
  // has people tick each such folder before it syncs it. `nc:mount-type` tells what is mounted.
  if (rights.read) out += 'G';
  if (own_mount || (rights.remove && !fixed)) out += 'D';
  if (own_mount || (rights.write && !fixed)) out += "NV";
  if (node.is_folder()) {
    if (rights.create) out += "CK";
  } else if (rights.write) {
    out += 'W';
  }
  return out;
}

std::string quoted_etag(const store::SpaceFacts& facts, const files::Node& node) {
  std::string out = "\"";
  out += epoch_of(facts, node);
  out += '-';
  append_number(out, node.seq);
  out += '"';
  return out;
}

}  // namespace essaim::dav
