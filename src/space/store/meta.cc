// The rows of `meta` that are not facts: they may change while the space is open.
#include "base/core/check.h"
#include "space/store/space.h"

namespace essaim::store {

std::string name(ReadTx& tx) {
  auto rows = tx.query("SELECT value FROM meta WHERE key='name'");
  return rows.next() ? std::string(rows.text(0)) : std::string();
}

void set_name(WriteTx& tx, std::string_view name) {
  tx.execute(
      "INSERT INTO meta(key, value) VALUES ('name', ?)"
      " ON CONFLICT(key) DO UPDATE SET value=excluded.value",
      name);
}

ByteCount quota(ReadTx& tx) {
  auto rows = tx.query("SELECT value FROM meta WHERE key='quota_bytes'");
  return rows.next() ? rows.int64(0) : NewSpace{}.quota_bytes;
}

void set_quota(WriteTx& tx, ByteCount bytes) {
  CHECK(bytes >= 0);
  tx.execute(
      "INSERT INTO meta(key, value) VALUES ('quota_bytes', ?)"
      " ON CONFLICT(key) DO UPDATE SET value=excluded.value",
      bytes);
}

int accounts_max(ReadTx& tx) {
  auto rows = tx.query("SELECT value FROM meta WHERE key='accounts_max'");
  return rows.next() ? static_cast<int>(rows.int64(0)) : NewSpace{}.accounts_max;
}

void set_accounts_max(WriteTx& tx, int count) {
  CHECK(count >= 1 && count <= kAccountsMax);
  tx.execute(
      "INSERT INTO meta(key, value) VALUES ('accounts_max', ?)"
      " ON CONFLICT(key) DO UPDATE SET value=excluded.value",
      count);
}

std::string fingerprint(ReadTx& tx) {
  auto rows = tx.query("SELECT value FROM meta WHERE key='fingerprint'");
  return rows.next() ? std::string(rows.text(0)) : std::string();
}

Instant created(ReadTx& tx) {
  auto rows = tx.query("SELECT value FROM meta WHERE key='created_at'");
  return Instant{rows.next() ? rows.int64(0) : 0};
}

}  // namespace essaim::store
