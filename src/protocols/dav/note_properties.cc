#include "protocols/dav/note_properties.h"

#include "protocols/dav/tags.h"

namespace essaim::dav {

namespace {

files::CommentCounts counts_of(const files::Node& node, const Sources& sources) {
  auto found = sources.comments.find(node.id.value);
  return found == sources.comments.end() ? files::CommentCounts{} : found->second;
}

}  // namespace

bool comments_count(std::string& out, const files::Node& node, const Sources& sources) {
  out += std::to_string(counts_of(node, sources).all);
  return true;
}

bool comments_unread(std::string& out, const files::Node& node, const Sources& sources) {
  out += std::to_string(counts_of(node, sources).unread);
  return true;
}

bool comments_href(std::string& out, const files::Node& node, const Sources&) {
  out += "/remote.php/dav/comments/files/" + std::to_string(node.id.value);
  return true;
}

bool system_tags(std::string& out, const files::Node& node, const Sources& sources) {
  auto found = sources.system_tags.find(node.id.value);
  if (found != sources.system_tags.end()) out += found->second;
  return true;
}

void collect_notes(store::ReadTx& tx, const call::Call& call, Listing& listing) {
  const Wanted& wanted = listing.wanted;
  bool comments = wanted.asks(kOcNs, "comments-count") || wanted.asks(kOcNs, "comments-unread");
  bool tags = wanted.asks(kNcNs, "system-tags");
  // Names alone need no values.
  if (wanted.mode == Wanted::Mode::names || (!comments && !tags)) return;
  std::vector<NodeId> nodes;
  nodes.reserve(listing.entries.size());
  for (const Entry& entry : listing.entries) nodes.push_back(entry.node.id);
  if (comments) listing.sources.comments = files::count_comments(tx, *call.caller, nodes);
  if (!tags) return;
  for (const auto& [node, list] : files::tags_on(tx, *call.caller, nodes)) {
    for (const files::Tag& tag : list) {
      append_system_tag(listing.sources.system_tags[node], *call.caller, tag);
    }
  }
}

}  // namespace essaim::dav
