#include "protocols/dav/properties.h"

#include <algorithm>
#include <charconv>

#include "base/time/http_date.h"
#include "formats/mime/types.h"
#include "formats/xml/writer.h"

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

bool etag(std::string& out, const Node& node, const Sources& sources) {
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
  append_number(out, sources.quota.available);
  return true;
}

// Class 2 is not offered: no lock can be taken, none is held.
bool empty_everywhere(std::string&, const Node&, const Sources&) {
  return true;
}

bool oc_id(std::string& out, const Node& node, const Sources& sources) {
  out += global_id(node.id, sources.facts.instance_id);
  return true;
}

bool file_id(std::string& out, const Node& node, const Sources&) {
  append_number(out, node.id.value);
  return true;
}

bool permissions(std::string& out, const Node& node, const Sources& sources) {
  out += permission_letters(node, sources.rights);
  return true;
}

bool size(std::string& out, const Node& node, const Sources&) {
  append_number(out, node.size);
  return true;
}

bool checksums_of(std::string& out, const Node& node, const Sources&) {
  if (node.is_folder()) return false;
  out += "<oc:checksum>";
  xml::append_escaped(out, checksums(node));
  out += "</oc:checksum>";
  return true;
}

bool data_fingerprint(std::string& out, const Node& node, const Sources& sources) {
  if (node.id != sources.root) return false;
  out += sources.fingerprint;
  return true;
}

bool owner_id(std::string& out, const Node&, const Sources& sources) {
  xml::append_escaped(out, sources.owner_uid);
  return true;
}

bool owner_display(std::string& out, const Node&, const Sources& sources) {
  xml::append_escaped(out, sources.owner_display);
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
      {kDavNs, "supportedlock", "d:supportedlock", empty_everywhere, kAll},
      {kDavNs, "lockdiscovery", "d:lockdiscovery", empty_everywhere, kAll},
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
      {kOcNs, "share-types", "oc:share-types", empty_everywhere, kNamed},
      {kNcNs, "has-preview", "nc:has-preview", has_preview, kNamed},
      {kNcNs, "mount-type", "nc:mount-type", empty_everywhere, kNamed},
      {kNcNs, "is-mount-root", "nc:is-mount-root", says_false, kNamed},
      {kNcNs, "is-encrypted", "nc:is-encrypted", is_encrypted, kNamed},
      {kNcNs, "hidden", "nc:hidden", says_false, kNamed},
      {kNcNs, "creation_time", "nc:creation_time", created, kNamed},
      {kNcNs, "upload_time", "nc:upload_time", uploaded, kNamed},
      {kNcNs, "last_activity", "nc:last_activity", last_activity, kNamed},
      {kNcNs, "contained-folder-count", "nc:contained-folder-count", contained_folders, kNamed},
      {kNcNs, "contained-file-count", "nc:contained-file-count", contained_files, kNamed},
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
  std::string digits = std::to_string(id.value);
  std::string out(digits.size() < 8 ? 8 - digits.size() : 0, '0');
  out += digits;
  out += instance_id;
  return out;
}

std::string permission_letters(const files::Node& node, const access::Rights& rights) {
  std::string out;
  if (rights.read) out += 'G';
  if (rights.remove) out += 'D';
  if (rights.rename) out += 'N';
  if (rights.move) out += 'V';
  if (node.is_folder()) {
    if (rights.create) out += "CK";
  } else if (rights.write) {
    out += 'W';
  }
  return out;
}

std::string checksums(const files::Node& node) {
  std::string out = "SHA256:" + node.blob;
  if (!node.checksum.empty()) out += " " + node.checksum;
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
