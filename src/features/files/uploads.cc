#include "features/files/uploads.h"

#include <algorithm>

#include "base/core/check.h"
#include "features/files/quota.h"

namespace essaim::files {

namespace {

Result<void> check_upload_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (name.empty() || name.size() > kUploadNameMax || name.starts_with('.') ||
      name.find_first_not_of(kAllowed) != std::string_view::npos) {
    return fail(Code::invalid_name, "A transfer is named by letters, digits and . _ - only.");
  }
  return {};
}

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes a run of digits from the front, without leading zeros.
std::string_view take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && digit(text[end])) ++end;
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return number;
}

void touch(store::WriteTx& tx, const Upload& upload) {
  tx.execute(R"sql(UPDATE upload SET touched_at = ? WHERE id = ?)sql", tx.now().ms, upload.id);
}

ByteCount staged(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT coalesce(sum(size), 0) FROM upload_part)sql");
  CHECK(rows.next());
  return rows.int64(0);
}

}  // namespace

bool before(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (digit(a.front()) && digit(b.front())) {
      std::string_view left = take_number(a);
      std::string_view right = take_number(b);
      if (left.size() != right.size()) return left.size() < right.size();
      if (left != right) return left < right;
    } else if (a.front() != b.front()) {
      return a.front() < b.front();
    } else {
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  // The same but for leading zeros: any order will do, as long as it is one.
  return whole_a < whole_b;
}

Result<Upload> begin_upload(store::WriteTx& tx, const access::Caller& caller,
                            std::string_view name) {
  TRY_VOID(check_upload_name(name));
  if (find_upload(tx, caller, name)) return fail(Code::exists, "the transfer exists");
  auto count = tx.query(R"sql(SELECT count(*) FROM upload WHERE member_id = ?)sql", caller.member);
  CHECK(count.next());
  if (count.int64(0) >= kUploadsMax) return fail(Code::too_many, "too many transfers at once");
  tx.execute(R"sql(INSERT INTO upload(member_id, name, touched_at) VALUES (?, ?, ?))sql",
             caller.member, name, tx.now().ms);
  return Upload{tx.last_insert_rowid(), std::string(name)};
}

Result<Upload> find_upload(store::ReadTx& tx, const access::Caller& caller, std::string_view name) {
  auto rows = tx.query(R"sql(SELECT id FROM upload WHERE member_id = ? AND name = ?)sql",
                       caller.member, name);
  if (!rows.next()) return fail(Code::not_found, "no such transfer");
  return Upload{rows.int64(0), std::string(name)};
}

ByteCount staging_room(store::ReadTx& tx, const access::Place& place) {
  ByteCount room = quota(tx, place.root).available + kStagingExtra - staged(tx);
  return std::max<ByteCount>(room, 0);
}

Result<void> check_staging(store::ReadTx& tx, const access::Place& place, ByteCount more) {
  if (more > staging_room(tx, place)) {
    return fail(Code::quota_exceeded, "staged parts do not fit");
  }
  return {};
}

Result<Outcome> add_part(store::WriteTx& tx, blobs::Store& blobs, const Upload& upload,
                         std::string_view name, const blobs::SpooledBlob& blob) {
  TRY_VOID(check_upload_name(name));
  auto removed = remove_part(tx, blobs, upload, name);
  auto count = tx.query(R"sql(SELECT count(*) FROM upload_part WHERE upload_id = ?)sql", upload.id);
  CHECK(count.next());
  if (count.int64(0) >= kPartsMax) return fail(Code::too_many, "too many parts");
  blobs.add_ref(tx, blob);
  tx.execute(R"sql(INSERT INTO upload_part(upload_id, name, size, blob) VALUES (?, ?, ?, ?))sql",
             upload.id, name, blob.size(), blob.sha256());
  touch(tx, upload);
  return removed ? Outcome::replaced : Outcome::created;
}

std::vector<Part> parts(store::ReadTx& tx, const Upload& upload) {
  std::vector<Part> out;
  auto rows = tx.query(R"sql(
    SELECT name, size, blob FROM upload_part WHERE upload_id = ? ORDER BY name LIMIT ?)sql",
                       upload.id, kPartsMax);
  while (rows.next()) {
    out.push_back({std::string(rows.text(0)), rows.int64(1), std::string(rows.text(2))});
  }
  std::ranges::stable_sort(out, before, &Part::name);
  return out;
}

Result<void> remove_part(store::WriteTx& tx, blobs::Store& blobs, const Upload& upload,
                         std::string_view name) {
  std::string blob;
  {
    auto rows = tx.query(R"sql(SELECT blob FROM upload_part WHERE upload_id = ? AND name = ?)sql",
                         upload.id, name);
    if (!rows.next()) return fail(Code::not_found, "no such part");
    blob = rows.text(0);
  }
  blobs.drop_ref_at_once(tx, blob);
  tx.execute(R"sql(DELETE FROM upload_part WHERE upload_id = ? AND name = ?)sql", upload.id, name);
  touch(tx, upload);
  return {};
}

void remove_upload(store::WriteTx& tx, blobs::Store& blobs, const Upload& upload) {
  for (const Part& part : parts(tx, upload)) blobs.drop_ref_at_once(tx, part.blob);
  tx.execute(R"sql(DELETE FROM upload_part WHERE upload_id = ?)sql", upload.id);
  tx.execute(R"sql(DELETE FROM upload WHERE id = ?)sql", upload.id);
}

int expire_uploads(store::WriteTx& tx, blobs::Store& blobs, int count) {
  std::vector<Upload> old;
  {
    auto rows = tx.query(R"sql(
      SELECT id, name FROM upload WHERE touched_at < ? ORDER BY touched_at LIMIT ?)sql",
                         tx.now().ms - kUploadLife.count(), count);
    while (rows.next()) old.push_back({rows.int64(0), std::string(rows.text(1))});
  }
  for (const Upload& upload : old) remove_upload(tx, blobs, upload);
  return static_cast<int>(old.size());
}

}  // namespace essaim::files
