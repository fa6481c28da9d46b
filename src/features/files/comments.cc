#include "features/files/comments.h"

#include <algorithm>

#include "base/core/check.h"
#include "base/text/text.h"
#include "features/files/internal/ids.h"
#include "features/notices/activity.h"
#include "features/notices/notifications.h"

namespace essaim::files {

namespace {

Result<std::string> checked(std::string_view message) {
  message = text::trim(message);
  auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  auto characters =
      message.size() - static_cast<std::size_t>(std::ranges::count_if(message, continues));
  if (message.empty() || characters > kCommentMax) {
    return fail(Code::bad_request, "a comment has 1 to 1000 characters");
  }
  if (!text::valid_utf8(message) || message.contains('\0')) {
    return fail(Code::bad_request, "a comment is text");
  }
  return std::string(message);
}

// From the columns id, node_id, member_id, message, created_at.
Comment from_row(const sqlite::Rows& row) {
  return {{row.int64(0)}, {row.int64(1)}, {row.int64(2)}, std::string(row.text(3)), {row.int64(4)}};
}

// Whoever may only drop things into a folder reads nothing that is said about it.
Result<Node> readable(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                      NodeId id) {
  auto node = TRY(find_by_id(tx, caller, place, id));
  if (!node.standing.rights.read) return fail(Code::not_found, "not readable");
  return node;
}

bool sees(store::ReadTx& tx, MemberId member, NodeId node) {
  auto caller = access::caller_of(tx, member);
  if (!caller) return false;
  auto place = access::files_of(*caller, caller->uid);
  return place && readable(tx, *caller, *place, node).has_value();
}

// Tells the people that `comment` names. Those in `before` were told already, and forget it when
// they are named no more.
Result<void> tell(store::WriteTx& tx, const access::Caller& caller, const Node& node,
                  const Comment& comment, std::string_view before) {
  if (!comment.message.contains('@') && !before.contains('@')) return {};
  auto people = members::list(tx);
  auto now = mentioned(comment.message, people);
  std::string id = std::to_string(comment.id.value);
  for (const members::Member* person : mentioned(before, people)) {
    if (std::ranges::find(now, person) == now.end()) {
      notices::dismiss_object(tx, kCommentObject, id, person->id);
    }
  }
  for (const members::Member* person : now) {
    if (person->id == caller.member || !sees(tx, person->id, node.id)) continue;
    TRY_VOID(notices::notify(tx, person->id,
                             {.app = "comments",
                              .key = "mention",
                              .parameters = {{"actor", caller.uid},
                                             {"node", std::to_string(node.id.value)},
                                             {"name", node.name}},
                              .object_type = std::string(kCommentObject),
                              .object_id = id,
                              .link = "/index.php/f/" + std::to_string(node.id.value),
                              .repeat = notices::Repeat::once}));
  }
  return {};
}

Result<Comment> own_comment(store::ReadTx& tx, const access::Caller& caller,
                            const access::Place& place, NodeId node, CommentId comment) {
  auto found = TRY(find_comment(tx, caller, place, node, comment));
  if (found.author != caller.member) return fail(Code::forbidden, "somebody else's comment");
  return found;
}

}  // namespace

Result<Comment> add_comment(store::WriteTx& tx, const access::Caller& caller,
                            const access::Place& place, NodeId node, std::string_view message) {
  auto about = TRY(find_by_id(tx, caller, place, node));
  if (!about.standing.rights.comment) return fail(Code::forbidden, "no right to comment");
  Comment comment{{}, node, caller.member, TRY(checked(message)), tx.now()};
  {
    auto count = tx.query(R"sql(SELECT count(*) FROM comment WHERE node_id = ?)sql", node);
    if (count.next() && count.int64(0) >= kCommentsPerNodeMax) {
      return fail(Code::too_large, "the node has its highest number of comments");
    }
  }
  tx.execute(R"sql(
    INSERT INTO comment(node_id, member_id, message, created_at) VALUES (?, ?, ?, ?))sql",
             node, comment.author, comment.message, comment.created.ms);
  comment.id = {tx.last_insert_rowid()};
  notices::record(tx, {.type = notices::Type::comments,
                       .actor = caller.member,
                       .node = about.id,
                       .parent = about.parent,
                       .name = about.name,
                       .recipient = {}});
  TRY_VOID(tell(tx, caller, about, comment, {}));
  return comment;
}

Result<Comment> edit_comment(store::WriteTx& tx, const access::Caller& caller,
                             const access::Place& place, NodeId node, CommentId comment,
                             std::string_view message) {
  auto about = TRY(find_by_id(tx, caller, place, node));
  if (!about.standing.rights.comment) return fail(Code::forbidden, "no right to comment");
  auto found = TRY(own_comment(tx, caller, place, node, comment));
  std::string before = std::move(found.message);
  found.message = TRY(checked(message));
  tx.execute(R"sql(UPDATE comment SET message = ? WHERE id = ?)sql", found.message, comment);
  TRY_VOID(tell(tx, caller, about, found, before));
  return found;
}

Result<void> remove_comment(store::WriteTx& tx, const access::Caller& caller,
                            const access::Place& place, NodeId node, CommentId comment) {
  auto about = TRY(find_by_id(tx, caller, place, node));
  auto found = TRY(find_comment(tx, caller, place, node, comment));
  if (found.author != caller.member && !about.standing.rights.manage) {
    return fail(Code::forbidden, "somebody else's comment");
  }
  tx.execute(R"sql(DELETE FROM comment WHERE id = ?)sql", comment);
  notices::dismiss_object(tx, kCommentObject, std::to_string(comment.value));
  return {};
}

Result<std::vector<Comment>> comments(store::ReadTx& tx, const access::Caller& caller,
                                      const access::Place& place, NodeId node,
                                      const CommentPage& page) {
  TRY_VOID(readable(tx, caller, place, node));
  std::vector<Comment> out;
  auto rows = tx.query(R"sql(
    SELECT id, node_id, member_id, message, created_at FROM comment
    WHERE node_id = ? AND created_at > ? ORDER BY id DESC LIMIT ? OFFSET ?)sql",
                       node, page.after ? page.after->ms : 0,
                       std::clamp(page.limit, 0, kCommentsPerNodeMax),
                       std::clamp<std::int64_t>(page.skip, 0, kCommentSkipMax));
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

Result<Comment> find_comment(store::ReadTx& tx, const access::Caller& caller,
                             const access::Place& place, NodeId node, CommentId comment) {
  TRY_VOID(readable(tx, caller, place, node));
  auto rows = tx.query(R"sql(
    SELECT id, node_id, member_id, message, created_at FROM comment
    WHERE id = ? AND node_id = ?)sql",
                       comment, node);
  if (!rows.next()) return fail(Code::not_found, "no such comment");
  return from_row(rows);
}

std::optional<Instant> read_marker(store::ReadTx& tx, const access::Caller& caller, NodeId node) {
  auto rows = tx.query(R"sql(
    SELECT at FROM comment_read WHERE member_id = ? AND node_id = ?)sql",
                       caller.member, node);
  if (!rows.next()) return std::nullopt;
  return Instant{rows.int64(0)};
}

Result<void> mark_read(store::WriteTx& tx, const access::Caller& caller, const access::Place& place,
                       NodeId node, Instant until) {
  TRY_VOID(find_by_id(tx, caller, place, node));
  tx.execute(R"sql(
    INSERT INTO comment_read(member_id, node_id, at) VALUES (?1, ?2, ?3)
    ON CONFLICT(member_id, node_id) DO UPDATE SET at = ?3)sql",
             caller.member, node, until.ms);
  return {};
}

bool is_unread(const Comment& comment, const access::Caller& caller,
               std::optional<Instant> marker) {
  if (comment.author == caller.member) return false;
  return !marker || comment.created > *marker;
}

std::unordered_map<std::int64_t, CommentCounts> count_comments(store::ReadTx& tx,
                                                               const access::Caller& caller,
                                                               const std::vector<NodeId>& nodes) {
  std::unordered_map<std::int64_t, CommentCounts> out;
  auto rows = tx.query(R"sql(
    SELECT comment.node_id, count(*),
           count(*) FILTER (WHERE comment.member_id IS NOT ?1
                            AND created_at > coalesce(comment_read.at, 0))
    FROM comment
    LEFT JOIN comment_read ON comment_read.member_id = ?1
                          AND comment_read.node_id = comment.node_id
    WHERE comment.node_id IN (SELECT value FROM json_each(?2))
    GROUP BY comment.node_id ORDER BY comment.node_id LIMIT ?3)sql",
                       caller.member, internal::id_list(nodes), kChildrenMax + 1);
  while (rows.next()) out[rows.int64(0)] = {rows.int64(1), rows.int64(2)};
  return out;
}

}  // namespace essaim::files
