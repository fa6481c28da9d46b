#include "features/files/tags.h"

#include <algorithm>

#include "base/text/text.h"
#include "features/files/internal/ids.h"
#include "formats/mime/types.h"

namespace essaim::files {

namespace {

constexpr std::string_view kAnyType = "files";

bool decides(const access::Caller& caller) {
  return caller.role == members::Role::gestion;
}

bool for_everyone(const Tag& tag) {
  return tag.visible == Visible::yes && tag.assignable == Assignable::yes;
}

// Trimmed, and in the one form that names have.
Result<std::string> checked_name(std::string_view name) {
  auto out = text::nfc(text::trim(name));
  auto bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (!out || out->empty() || out->size() > kTagNameMax || std::ranges::any_of(*out, bad)) {
    return fail(Code::bad_request, "a tag's name is 1 to 64 bytes");
  }
  return std::move(*out);
}

Result<std::string> checked_color(std::string_view color) {
  if (color.starts_with('#')) color.remove_prefix(1);
  std::string out = text::lower_ascii(color);
  bool hex = out.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!out.empty() && (out.size() != 6 || !hex)) {
    return fail(Code::bad_request, "a colour is six hex digits");
  }
  return out;
}

Result<void> check_free(store::ReadTx& tx, std::string_view name, TagId except) {
  auto rows = tx.query(R"sql(SELECT 1 FROM tag WHERE name = ? AND id <> ?)sql", name, except);
  if (rows.next()) return fail(Code::exists, "this tag exists");
  return {};
}

// From the columns id, name, visible, assignable, color of `tag`, at `at`.
Tag from_row(const sqlite::Rows& row, int at) {
  return {{row.int64(at)},
          std::string(row.text(at + 1)),
          row.int64(at + 2) != 0 ? Visible::yes : Visible::no,
          row.int64(at + 3) != 0 ? Assignable::yes : Assignable::no,
          std::string(row.text(at + 4))};
}

Result<Tag> assignable_tag(store::ReadTx& tx, const access::Caller& caller,
                           const access::Place& place, NodeId node, TagId id) {
  auto found = TRY(find_by_id(tx, caller, place, node));
  auto tag = TRY(find_tag(tx, caller, id));
  if (!found.standing.rights.write) return fail(Code::forbidden, "no right to write");
  if (!may_assign(caller, tag)) return fail(Code::forbidden, "not this tag");
  return tag;
}

}  // namespace

Result<Tag> add_tag(store::WriteTx& tx, const access::Caller& caller, const NewTag& tag) {
  Tag out{
      {}, TRY(checked_name(tag.name)), tag.visible, tag.assignable, TRY(checked_color(tag.color))};
  if (caller.role == members::Role::guest) return fail(Code::forbidden, "guests make no tags");
  if (!for_everyone(out) && !decides(caller)) return fail(Code::forbidden, "only for gestion");
  TRY_VOID(check_free(tx, out.name, {}));
  {
    auto count = tx.query(R"sql(SELECT count(*) FROM tag)sql");
    if (count.next() && count.int64(0) >= kTagsMax) {
      return fail(Code::too_large, "the space has its highest number of tags");
    }
  }
  tx.execute(R"sql(INSERT INTO tag(name, visible, assignable, color) VALUES (?, ?, ?, ?))sql",
             out.name, out.visible == Visible::yes ? 1 : 0,
             out.assignable == Assignable::yes ? 1 : 0, out.color);
  out.id = {tx.last_insert_rowid()};
  return out;
}

Result<Tag> change_tag(store::WriteTx& tx, const access::Caller& caller, TagId id,
                       const TagChange& change) {
  auto tag = TRY(find_tag(tx, caller, id));
  if (caller.role == members::Role::guest) return fail(Code::forbidden, "guests change no tags");
  if (!for_everyone(tag) && !decides(caller)) return fail(Code::forbidden, "only for gestion");
  if (change.name) tag.name = TRY(checked_name(*change.name));
  if (change.color) tag.color = TRY(checked_color(*change.color));
  if (change.visible) tag.visible = *change.visible;
  if (change.assignable) tag.assignable = *change.assignable;
  if (!for_everyone(tag) && !decides(caller)) return fail(Code::forbidden, "only for gestion");
  TRY_VOID(check_free(tx, tag.name, id));
  tx.execute(R"sql(
    UPDATE tag SET name = ?, visible = ?, assignable = ?, color = ? WHERE id = ?)sql",
             tag.name, tag.visible == Visible::yes ? 1 : 0,
             tag.assignable == Assignable::yes ? 1 : 0, tag.color, id);
  return tag;
}

Result<void> remove_tag(store::WriteTx& tx, const access::Caller& caller, TagId id) {
  TRY_VOID(find_tag(tx, caller, id));
  if (!decides(caller)) return fail(Code::forbidden, "only for gestion");
  tx.execute(R"sql(DELETE FROM tag WHERE id = ?)sql", id);
  return {};
}

std::vector<Tag> tags(store::ReadTx& tx, const access::Caller& caller) {
  std::vector<Tag> out;
  auto rows = tx.query(R"sql(
    SELECT id, name, visible, assignable, color FROM tag
    WHERE visible = 1 OR ? ORDER BY name LIMIT ?)sql",
                       decides(caller) ? 1 : 0, kTagsMax);
  while (rows.next()) out.push_back(from_row(rows, 0));
  return out;
}

Result<Tag> find_tag(store::ReadTx& tx, const access::Caller& caller, TagId id) {
  auto rows = tx.query(R"sql(
    SELECT id, name, visible, assignable, color FROM tag WHERE id = ? AND (visible = 1 OR ?))sql",
                       id, decides(caller) ? 1 : 0);
  if (!rows.next()) return fail(Code::not_found, "no such tag");
  return from_row(rows, 0);
}

bool may_assign(const access::Caller& caller, const Tag& tag) {
  return tag.assignable == Assignable::yes || decides(caller);
}

Result<void> assign_tag(store::WriteTx& tx, const access::Caller& caller,
                        const access::Place& place, NodeId node, TagId id) {
  TRY_VOID(assignable_tag(tx, caller, place, node, id));
  {
    auto count = tx.query(R"sql(
      SELECT count(*), count(*) FILTER (WHERE tag_id = ?2) FROM node_tag WHERE node_id = ?1)sql",
                          node, id);
    if (count.next() && count.int64(1) > 0) return fail(Code::exists, "the node has this tag");
    if (count.int64(0) >= kTagsPerNodeMax) {
      return fail(Code::too_large, "the node has its highest number of tags");
    }
  }
  tx.execute(R"sql(INSERT INTO node_tag(node_id, tag_id) VALUES (?, ?))sql", node, id);
  return {};
}

Result<void> unassign_tag(store::WriteTx& tx, const access::Caller& caller,
                          const access::Place& place, NodeId node, TagId id) {
  TRY_VOID(assignable_tag(tx, caller, place, node, id));
  auto removed =
      tx.execute(R"sql(DELETE FROM node_tag WHERE node_id = ? AND tag_id = ?)sql", node, id);
  if (removed == 0) return fail(Code::not_found, "the node has no such tag");
  return {};
}

std::unordered_map<std::int64_t, std::vector<Tag>> tags_on(store::ReadTx& tx,
                                                           const access::Caller& caller,
                                                           const std::vector<NodeId>& nodes) {
  std::unordered_map<std::int64_t, std::vector<Tag>> out;
  auto rows = tx.query(R"sql(
    SELECT node_id, id, name, visible, assignable, color
    FROM node_tag JOIN tag ON tag.id = tag_id
    WHERE node_id IN (SELECT value FROM json_each(?)) AND (visible = 1 OR ?)
    ORDER BY name LIMIT ?)sql",
                       internal::id_list(nodes), decides(caller) ? 1 : 0, kTagRowsMax);
  while (rows.next()) out[rows.int64(0)].push_back(from_row(rows, 1));
  return out;
}

Result<std::vector<Node>> tagged(store::ReadTx& tx, const access::Caller& caller,
                                 const access::Place& place, const std::vector<TagId>& tags) {
  if (tags.empty()) return std::vector<Node>();
  for (TagId tag : tags) TRY_VOID(find_tag(tx, caller, tag));
  std::vector<NodeId> found;
  {
    auto rows = tx.query(R"sql(
      SELECT node_id FROM node_tag WHERE tag_id = ? ORDER BY node_id LIMIT ?)sql",
                         tags.front(), kTaggedMax + 1);
    while (rows.next()) found.push_back({rows.int64(0)});
  }
  if (found.size() > kTaggedMax) return fail(Code::too_large, "too many nodes have this tag");
  auto on = tags_on(tx, caller, found);
  std::vector<Node> out;
  for (NodeId id : found) {
    const auto& has = on[id.value];
    bool every = std::ranges::all_of(
        tags, [&](TagId tag) { return std::ranges::find(has, tag, &Tag::id) != has.end(); });
    if (!every) continue;
    if (auto node = find_by_id(tx, caller, place, id)) out.push_back(std::move(*node));
  }
  return out;
}

std::vector<TagUse> tags_in_use(store::ReadTx& tx, const access::Caller& caller,
                                const access::Place& place, std::string_view type) {
  std::vector<TagUse> uses;
  for (Tag& tag : tags(tx, caller)) uses.push_back({std::move(tag), 0, {}});
  struct Row {
    TagId tag;
    NodeId node;
  };
  std::vector<Row> rows;
  {
    auto found = tx.query(R"sql(
      SELECT tag_id, node_id FROM node_tag ORDER BY node_id DESC, tag_id LIMIT ?)sql",
                          kTaggedMax);
    while (found.next()) rows.push_back({{found.int64(0)}, {found.int64(1)}});
  }
  std::string prefix = std::string(type) + "/";
  NodeId last;
  bool counts = false;
  for (const Row& row : rows) {
    if (row.node != last) {
      last = row.node;
      auto node = find_by_id(tx, caller, place, row.node);
      counts = node && (type == kAnyType ||
                        (!node->is_folder() && mime::type_of(node->name).starts_with(prefix)));
    }
    auto use = std::ranges::find(uses, row.tag, [](const TagUse& each) { return each.tag.id; });
    if (!counts || use == uses.end()) continue;
    if (++use->nodes == 1) use->newest = row.node;
  }
  std::erase_if(uses, [](const TagUse& each) { return each.nodes == 0; });
  return uses;
}

}  // namespace essaim::files
