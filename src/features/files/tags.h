// Tags of a space: words that everyone shares and puts on files and folders. Tags change no etag.
//
// Only `gestion` sees and makes tags that are hidden, or that only it may put on something, and
// only it removes a tag.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/error.h"
#include "features/files/node.h"

namespace essaim::files {

using TagId = Id<struct SystemTag>;

enum class Visible : bool { no, yes };
enum class Assignable : bool { no, yes };

struct Tag {
  TagId id;
  std::string name;
  Visible visible = Visible::yes;           // to people without `gestion`
  Assignable assignable = Assignable::yes;  // by people without `gestion`
  std::string color;                        // six hex digits, lower case; may be empty
};

struct NewTag {
  std::string name;
  Visible visible = Visible::yes;
  Assignable assignable = Assignable::yes;
  std::string color = {};
};

// What stays as it is has no value.
struct TagChange {
  std::optional<std::string> name = {};
  std::optional<Visible> visible = {};
  std::optional<Assignable> assignable = {};
  std::optional<std::string> color = {};
};

inline constexpr int kTagsMax = 1'000;  // per space
inline constexpr int kTagsPerNodeMax = 100;
inline constexpr std::size_t kTagNameMax = 64;  // bytes
inline constexpr int kTaggedMax = 5'000;        // nodes looked at in one question
inline constexpr int kTagRowsMax = 1'000'000;   // tags on the nodes of one listing

// Errors: bad_request (name or colour), exists (without case), forbidden (a guest; or a tag that is
// not for everyone), too_large (kTagsMax).
Result<Tag> add_tag(store::WriteTx& tx, const access::Caller& caller, const NewTag& tag);
// Errors: as add_tag, not_found.
Result<Tag> change_tag(store::WriteTx& tx, const access::Caller& caller, TagId tag,
                       const TagChange& change);
// From everything it is on. Errors: not_found, forbidden.
Result<void> remove_tag(store::WriteTx& tx, const access::Caller& caller, TagId tag);
// Those the caller sees, sorted by name, at most kTagsMax.
std::vector<Tag> tags(store::ReadTx& tx, const access::Caller& caller);
// Error: not_found, also when the caller must not see it.
Result<Tag> find_tag(store::ReadTx& tx, const access::Caller& caller, TagId tag);
bool may_assign(const access::Caller& caller, const Tag& tag);

// Puts a tag on a node, or takes it away. Errors: not_found (node, or tag), forbidden (no right to
// write there, or not this tag), exists (it is there; not there: not_found), too_large
// (kTagsPerNodeMax).
Result<void> assign_tag(store::WriteTx& tx, const access::Caller& caller,
                        const access::Place& place, NodeId node, TagId tag);
Result<void> unassign_tag(store::WriteTx& tx, const access::Caller& caller,
                          const access::Place& place, NodeId node, TagId tag);

// By node: the tags on it that the caller sees, sorted by name. Cost: 1 statement for all nodes.
std::unordered_map<std::int64_t, std::vector<Tag>> tags_on(store::ReadTx& tx,
                                                           const access::Caller& caller,
                                                           const std::vector<NodeId>& nodes);

// The nodes of the place that have every one of the tags. Errors: not_found (a tag), too_large
// (more than kTaggedMax have the first one). Cost: one search by id for each.
Result<std::vector<Node>> tagged(store::ReadTx& tx, const access::Caller& caller,
                                 const access::Place& place, const std::vector<TagId>& tags);

// A tag in use, and how many nodes of the place have it.
struct TagUse {
  Tag tag;
  std::int64_t nodes = 0;
  NodeId newest;  // the one with the highest id
};
// Sorted by name. `type`: only nodes of this media type ("image"), or any when it is "files". Looks
// at kTaggedMax of them and no more, the newest nodes first.
std::vector<TagUse> tags_in_use(store::ReadTx& tx, const access::Caller& caller,
                                const access::Place& place, std::string_view type);

}  // namespace essaim::files
