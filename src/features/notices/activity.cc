#include "features/notices/activity.h"

#include <algorithm>
#include <boost/json.hpp>

#include "features/notices/internal/text.h"

namespace essaim::notices {

namespace {

namespace json = boost::json;

struct TypeName {
  Type type;
  std::string_view name;
};
constexpr TypeName kTypes[] = {
    {Type::file_created, "file_created"}, {Type::file_changed, "file_changed"},
    {Type::file_deleted, "file_deleted"}, {Type::file_restored, "file_restored"},
    {Type::file_moved, "file_moved"},     {Type::shared, "shared"},
    {Type::unshared, "unshared"},         {Type::public_links, "public_links"},
    {Type::comments, "comments"},
};

struct ExtraField {
  std::string_view key;
  std::string Extra::*field;
};
constexpr ExtraField kExtra[] = {
    {"other", &Extra::other},
    {"group", &Extra::group},
    {"old", &Extra::old_name},
    {"label", &Extra::label},
};

std::string stored(const Extra& extra) {
  json::object out;
  for (const ExtraField& each : kExtra) {
    const std::string& value = extra.*each.field;
    if (!value.empty()) out[each.key] = internal::first_bytes(value, kNameMax);
  }
  return out.empty() ? std::string() : json::serialize(out);
}

Extra extra_from(std::string_view text) {
  Extra out;
  if (text.empty()) return out;
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) return out;
  for (const ExtraField& each : kExtra) {
    if (const auto* found = value.get_object().if_contains(each.key)) {
      if (const auto* string = found->if_string()) out.*each.field = std::string(*string);
    }
  }
  return out;
}

// From the columns id, at, actor_id, type, node_id, parent_id, name, extra, recipient_id.
std::vector<Activity> rows_of(sqlite::Rows rows) {
  std::vector<Activity> out;
  while (rows.next()) {
    Activity& each = out.emplace_back();
    each.id = {rows.int64(0)};
    each.at = {rows.int64(1)};
    each.event.actor = {rows.int64(2)};
    each.event.type = static_cast<Type>(rows.int64(3));
    each.event.node = {rows.int64(4)};
    each.event.parent = {rows.int64(5)};
    each.event.name = rows.text(6);
    each.event.extra = extra_from(rows.text(7));
    each.event.recipient = {rows.int64(8)};
  }
  return out;
}

std::optional<MemberId> maybe(MemberId id) {
  return id ? std::optional(id) : std::nullopt;
}

std::vector<Activity> newest(store::ReadTx& tx, const Page& page, std::int64_t since, int limit) {
  if (page.node) {
    return rows_of(tx.query(R"sql(
      SELECT id, at, actor_id, type, node_id, parent_id, name, extra, recipient_id FROM activity
      WHERE node_id = ? AND id < ? ORDER BY id DESC LIMIT ?)sql",
                            page.node, since, limit));
  }
  if (page.actor) {
    return rows_of(tx.query(R"sql(
      SELECT id, at, actor_id, type, node_id, parent_id, name, extra, recipient_id FROM activity
      WHERE actor_id = ? AND id < ? ORDER BY id DESC LIMIT ?)sql",
                            page.actor, since, limit));
  }
  return rows_of(tx.query(R"sql(
    SELECT id, at, actor_id, type, node_id, parent_id, name, extra, recipient_id FROM activity
    WHERE id < ? ORDER BY id DESC LIMIT ?)sql",
                          since, limit));
}

std::vector<Activity> oldest(store::ReadTx& tx, const Page& page, std::int64_t since, int limit) {
  if (page.node) {
    return rows_of(tx.query(R"sql(
      SELECT id, at, actor_id, type, node_id, parent_id, name, extra, recipient_id FROM activity
      WHERE node_id = ? AND id > ? ORDER BY id LIMIT ?)sql",
                            page.node, since, limit));
  }
  if (page.actor) {
    return rows_of(tx.query(R"sql(
      SELECT id, at, actor_id, type, node_id, parent_id, name, extra, recipient_id FROM activity
      WHERE actor_id = ? AND id > ? ORDER BY id LIMIT ?)sql",
                            page.actor, since, limit));
  }
  return rows_of(tx.query(R"sql(
    SELECT id, at, actor_id, type, node_id, parent_id, name, extra, recipient_id FROM activity
    WHERE id > ? ORDER BY id LIMIT ?)sql",
                          since, limit));
}

}  // namespace

std::string_view wire_name(Type type) {
  const auto* found = std::ranges::find(kTypes, type, &TypeName::type);
  return found == std::end(kTypes) ? std::string_view() : found->name;
}

void record(store::WriteTx& tx, const Event& event) {
  if (event.type == Type::file_changed) {
    // The old row goes rather than changing its time: the order of ids stays that of events, which
    // is what readers page by.
    tx.execute(R"sql(
      DELETE FROM activity WHERE id = (
        SELECT id FROM activity WHERE node_id = ?1 ORDER BY id DESC LIMIT 1)
      AND type = ?2 AND actor_id IS ?3 AND at > ?4)sql",
               event.node, static_cast<int>(event.type), maybe(event.actor),
               tx.now().ms - kSameChange.count());
  }
  tx.execute(R"sql(
    INSERT INTO activity(at, actor_id, type, node_id, parent_id, name, extra, recipient_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql",
             tx.now().ms, maybe(event.actor), static_cast<int>(event.type), event.node,
             event.parent, internal::first_bytes(event.name, kNameMax), stored(event.extra),
             maybe(event.recipient));
}

std::vector<Activity> activity(store::ReadTx& tx, const Page& page) {
  int limit = std::clamp(page.limit, 0, kPageMax);
  if (page.sort == Sort::oldest_first) return oldest(tx, page, page.since.value, limit);
  return newest(tx, page, page.since ? page.since.value : INT64_MAX, limit);
}

ActivityId newest_activity(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT seq FROM sqlite_sequence WHERE name = 'activity')sql");
  return rows.next() ? ActivityId{rows.int64(0)} : ActivityId{};
}

int trim_activity(store::WriteTx& tx, int count) {
  std::int64_t excess = 0;
  {
    auto total = tx.query(R"sql(SELECT count(*) FROM activity)sql");
    if (total.next()) excess = total.int64(0) - kActivityMax;
  }
  std::int64_t last = 0;
  {
    auto rows = tx.query(R"sql(SELECT id, at FROM activity ORDER BY id LIMIT ?)sql", count);
    for (std::int64_t index = 0; rows.next(); ++index) {
      if (index >= excess && rows.int64(1) >= tx.now().ms - kActivityAge.count()) break;
      last = rows.int64(0);
    }
  }
  if (last == 0) return 0;
  return static_cast<int>(tx.execute(R"sql(DELETE FROM activity WHERE id <= ?)sql", last));
}

}  // namespace essaim::notices
