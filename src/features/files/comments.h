// What members write about a node. Everyone who can see a node can read and write there; only the
// author changes or removes a comment. Comments change no etag: nothing is to be synchronised.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/error.h"
#include "features/files/node.h"
#include "features/members/members.h"

namespace essaim::files {

using CommentId = Id<struct CommentTag>;

struct Comment {
  CommentId id;
  NodeId node;
  MemberId author;  // none: the account is gone
  std::string message;
  Instant created;
};

inline constexpr std::size_t kCommentMax = 1'000;  // characters
inline constexpr int kCommentsPerNodeMax = 1'000;  // so that a listing can show them all
inline constexpr std::size_t kMentionsMax = 25;    // people in one comment
inline constexpr std::int64_t kCommentSkipMax = 1'000'000;
// What a notification of a mention is about (notices/notifications.h).
inline constexpr std::string_view kCommentObject = "comment";

// Adds one, tells those it mentions and can see the node, and records the activity.
// Errors: not_found (the node), bad_request (empty, longer than kCommentMax, no UTF-8), too_large
// (kCommentsPerNodeMax). Cost: about 6 statements, and 5 for each person mentioned.
Result<Comment> add_comment(store::WriteTx& tx, const access::Caller& caller,
                            const access::Place& place, NodeId node, std::string_view message);
// Who is newly mentioned is told; who is no longer mentioned loses what they were told.
// Errors: as add_comment, and forbidden (of somebody else).
Result<Comment> edit_comment(store::WriteTx& tx, const access::Caller& caller,
                             const access::Place& place, NodeId node, CommentId comment,
                             std::string_view message);
// The author may, and whoever manages the node. Errors: not_found, forbidden (of somebody else).
Result<void> remove_comment(store::WriteTx& tx, const access::Caller& caller,
                            const access::Place& place, NodeId node, CommentId comment);

struct CommentPage {
  int limit = kCommentsPerNodeMax;
  std::int64_t skip = 0;         // at most kCommentSkipMax
  std::optional<Instant> after;  // only later ones
};
// Newest first. Error: not_found (the node).
Result<std::vector<Comment>> comments(store::ReadTx& tx, const access::Caller& caller,
                                      const access::Place& place, NodeId node,
                                      const CommentPage& page);
// Error: not_found.
Result<Comment> find_comment(store::ReadTx& tx, const access::Caller& caller,
                             const access::Place& place, NodeId node, CommentId comment);

// Up to when the caller has read; none: never marked.
std::optional<Instant> read_marker(store::ReadTx& tx, const access::Caller& caller, NodeId node);
// Error: not_found (the node).
Result<void> mark_read(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                       NodeId node, Instant until);
// One's own comments are never unread.
bool is_unread(const Comment& comment, const access::Caller& caller, std::optional<Instant> marker);

struct CommentCounts {
  std::int64_t all = 0;
  std::int64_t unread = 0;
};
// By node; those without comments are left out. Cost: 1 statement for all of them.
std::unordered_map<std::int64_t, CommentCounts> count_comments(store::ReadTx& tx,
                                                               const access::Caller& caller,
                                                               const std::vector<NodeId>& nodes);

// The people that a message names as @uid or, when the uid has spaces, @"uid": each once, in the
// order of the message, at most kMentionsMax. `people` is where they are looked for. A sign that
// ends a sentence is no part of a name, unless somebody is called so.
std::vector<const members::Member*> mentioned(std::string_view message,
                                              const std::vector<members::Member>& people);

}  // namespace essaim::files
