// The property table of the files tree: one row per property, with its name, where it applies, its
// getter and its source. PROPFIND, allprop, propname and the protection of live properties all
// follow from it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/error.h"
#include "features/files/comments.h"
#include "features/files/locks.h"
#include "features/files/node.h"
#include "features/files/properties.h"
#include "features/files/quota.h"
#include "features/files/trash.h"
#include "features/files/versions.h"
#include "features/previews/previews.h"
#include "features/shares/shares.h"
#include "space/store/tx.h"

namespace essaim::dav {

inline constexpr std::string_view kDavNs = "DAV:";
inline constexpr std::string_view kOcNs = "http://owncloud.org/ns";
inline constexpr std::string_view kNcNs = "http://nextcloud.org/ns";

// What getters may read, collected in the lane before anything is rendered.
struct Sources {
  store::SpaceFacts facts;
  std::string fingerprint;
  std::string owner_uid;  // of the caller's own, and of the places of the space
  std::string owner_display;
  struct Owner {
    std::string uid;
    std::string display;
  };
  std::unordered_map<std::int64_t, Owner> owners;  // of other people's homes, by place
  // What others are given, by node: of nodes where the caller may know it, and only when a listing
  // asks.
  struct Given {
    access::Grantee who;
    std::string with;
    std::string with_display;
  };
  std::unordered_map<std::int64_t, std::vector<Given>> shares;
  std::unordered_map<std::int64_t, std::string> notes;  // of what the caller was given, by node
  NodeId root;
  files::Quota quota;                                                 // of the place that is listed
  files::Quota home_quota;                                            // of the caller's home
  std::unordered_map<std::int64_t, files::ChildCounts> child_counts;  // by folder
  files::PropertyMap dead;
  // By node: the locks that cover it, its own first, each with the href of what it lies on. Only
  // what a listing asks for is collected.
  struct ShownLock {
    files::Lock lock;
    std::string root;
  };
  std::unordered_map<std::int64_t, std::vector<ShownLock>> locks;
  MemberId caller;  // who may see tokens
  Instant now;
  std::unordered_map<std::int64_t, files::Binned> binned;     // by node: in listings of a bin
  std::unordered_map<std::int64_t, files::Version> versions;  // by time: in listings of versions
  previews::Offer previews = previews::Offer::nothing;
  previews::Failures no_preview;  // contents that were tried in vain
  std::unordered_map<std::int64_t, files::CommentCounts> comments;  // by node
  std::unordered_map<std::int64_t, std::string> system_tags;        // by node, as XML
};

struct Property {
  std::string_view ns;
  std::string_view name;  // local name
  // With the prefix that is declared on every multistatus, or with a declaration of its own.
  std::string_view qualified;
  // Appends the inner XML. False: the node does not have it (404 block).
  bool (*get)(std::string& out, const files::Node& node, const Sources& sources);
  bool in_allprop;  // RFC 4918 §9.1: live properties of DAV itself
};

// Null when there is no such live property.
const Property* find_property(std::string_view ns, std::string_view name);
const std::vector<Property>& properties();

// "00000042ocab12cd34ef"
std::string global_id(NodeId id, std::string_view instance_id);
// The quoted etag of a version: it is its content.
std::string version_etag(const files::Version& version);
// "RGDNVCK": what the caller may do, in the letters of Nextcloud's clients.
std::string permission_letters(const files::Node& node);
// The quoted strong etag. After a restore folders take the new epoch and files keep the one of
// their content. CLIENT: desktop 3.7.3 notes a folder's etag before it uploads into it, so only a
// new one makes it look again; and where no file at all is as it was it asks the person, before it
// looks at the fingerprint, whether everything is to be deleted (nextcloudcmd waits for ever).
std::string quoted_etag(const store::SpaceFacts& facts, const files::Node& node);

}  // namespace essaim::dav
