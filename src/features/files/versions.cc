#include "features/files/versions.h"

#include <unordered_map>

#include "base/core/check.h"
#include "features/files/internal/content.h"
#include "features/files/internal/history.h"
#include "features/files/internal/tell.h"
#include "features/files/locks.h"

namespace essaim::files {

namespace {

struct Row {
  Version version;
  MemberId author;
};

Row from_row(const sqlite::Rows& rows) {
  Row out;
  out.version.mtime = rows.int64(0);
  out.version.size = rows.int64(1);
  out.version.blob = rows.text(2);
  out.version.label = rows.text(3);
  out.author = {rows.int64(4)};
  return out;
}

std::string uid_of(store::ReadTx& tx, MemberId member) {
  if (!member) return {};
  auto found = members::find(tx, member);
  return found ? found->uid : std::string();
}

}  // namespace

Result<Node> find_file(store::ReadTx& tx, const access::Caller& caller, const access::Place& place,
                       NodeId file) {
  auto node = TRY(find_by_id(tx, caller, place, file));
  if (node.is_folder()) return fail(Code::not_found, "no such file");
  return node;
}

std::vector<Version> versions(store::ReadTx& tx, NodeId file) {
  std::vector<Row> found;
  {
    auto rows = tx.query(R"sql(
      SELECT mtime, size, blob, label, author FROM version WHERE node_id = ?
      ORDER BY mtime LIMIT ?)sql",
                         file, 2 * kVersionsPerFileMax);
    while (rows.next()) found.push_back(from_row(rows));
  }
  std::unordered_map<std::int64_t, std::string> uids;
  std::vector<Version> out;
  for (Row& row : found) {
    auto [uid, fresh] = uids.emplace(row.author.value, std::string());
    if (fresh) uid->second = uid_of(tx, row.author);
    row.version.author = uid->second;
    out.push_back(std::move(row.version));
  }
  return out;
}

Result<Version> find_version(store::ReadTx& tx, NodeId file, std::int64_t mtime) {
  Row row;
  {
    auto rows = tx.query(R"sql(
      SELECT mtime, size, blob, label, author FROM version WHERE node_id = ? AND mtime = ?)sql",
                         file, mtime);
    if (!rows.next()) return fail(Code::not_found, "no such version");
    row = from_row(rows);
  }
  row.version.author = uid_of(tx, row.author);
  return std::move(row.version);
}

Result<Node> restore_version(store::WriteTx& tx, blobs::Store& blobs, const access::Caller& caller,
                             const access::Place& place, NodeId file, std::int64_t mtime) {
  auto node = TRY(find_file(tx, caller, place, file));
  auto version = TRY(find_version(tx, file, mtime));
  if (!node.standing.rights.write) return fail(Code::forbidden, "no right");
  TRY_VOID(check_locks(tx, caller, node.id));
  internal::Content content{.blob = version.blob, .size = version.size, .mtime = mtime};
  {
    auto rows = tx.query(R"sql(
      SELECT checksum, author FROM version WHERE node_id = ? AND mtime = ?)sql",
                         file, mtime);
    CHECK(rows.next());
    content.checksum = rows.text(0);
    content.author = {rows.int64(1)};
  }
  blobs.add_ref(tx, version.blob);
  if (version.label.empty()) {
    internal::drop_version(tx, blobs, file, mtime, version.blob);
    internal::Delta gone{0, 0, -version.size};
    internal::count_up(tx, file, gone);
    internal::add_usage(tx, node.standing.place, gone);
  }
  TRY_VOID(internal::replace_content(tx, blobs, node, content));
  internal::tell(tx, notices::Type::file_restored, caller, node);
  return find_by_id(tx, caller, place, file);
}

Result<void> remove_version(store::WriteTx& tx, blobs::Store& blobs, const access::Caller& caller,
                            const access::Place& place, NodeId file, std::int64_t mtime) {
  auto node = TRY(find_file(tx, caller, place, file));
  auto version = TRY(find_version(tx, file, mtime));
  if (!node.standing.rights.remove) return fail(Code::forbidden, "no right");
  internal::drop_version(tx, blobs, file, mtime, version.blob);
  internal::Delta gone{0, 0, -version.size};
  internal::count_up(tx, file, gone);
  internal::add_usage(tx, node.standing.place, gone);
  return {};
}

Result<void> label_version(store::WriteTx& tx, const access::Caller& caller,
                           const access::Place& place, NodeId file, std::int64_t mtime,
                           std::string_view label) {
  auto node = TRY(find_file(tx, caller, place, file));
  TRY_VOID(find_version(tx, file, mtime));
  if (!node.standing.rights.write) return fail(Code::forbidden, "no right");
  if (label.size() > kLabelMax) return fail(Code::too_large, "the label is too long");
  {
    auto others = tx.query(R"sql(
      SELECT count(*) FROM version WHERE node_id = ? AND label <> '' AND mtime <> ?)sql",
                           file, mtime);
    CHECK(others.next());
    if (!label.empty() && others.int64(0) >= kLabelsPerFileMax) {
      return fail(Code::too_large, "too many versions of this file have a label");
    }
  }
  tx.execute(R"sql(UPDATE version SET label = ? WHERE node_id = ? AND mtime = ?)sql", label, file,
             mtime);
  return {};
}

Thinned thin_versions(store::WriteTx& tx, blobs::Store& blobs, NodeId after, int count) {
  Thinned out{after, 0};
  std::vector<NodeId> files;
  {
    auto rows = tx.query(R"sql(
      SELECT DISTINCT node_id FROM version WHERE node_id > ? ORDER BY node_id LIMIT ?)sql",
                         after, count);
    while (rows.next()) files.push_back({rows.int64(0)});
  }
  for (NodeId file : files) {
    out.last = file;
    ++out.files;
    internal::Top top = internal::top_of(tx, file);
    // What waits to be purged is not counted any more.
    if (top.kind == internal::Top::Kind::nowhere) continue;
    internal::Delta gone{0, 0, -internal::thin_file(tx, blobs, file)};
    if (gone.kept == 0) continue;
    internal::count_up(tx, file, gone);
    internal::add_usage(tx, top.place, gone);
  }
  return out;
}

}  // namespace essaim::files
