#include "space/store/meta.h"

namespace essaim::store {

std::string name(ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT value FROM meta WHERE key = 'name')sql");
  return rows.next() ? std::string(rows.text(0)) : std::string();
}

void set_name(WriteTx& tx, std::string_view name) {
  tx.execute(R"sql(INSERT OR REPLACE INTO meta(key, value) VALUES ('name', ?))sql", name);
}

ByteCount quota(ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT value FROM meta WHERE key = 'quota_bytes')sql");
  return rows.next() ? rows.int64(0) : 0;
}

void set_quota(WriteTx& tx, ByteCount bytes) {
  tx.execute(R"sql(INSERT OR REPLACE INTO meta(key, value) VALUES ('quota_bytes', ?))sql", bytes);
}

std::string fingerprint(ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT value FROM meta WHERE key = 'fingerprint')sql");
  return rows.next() ? std::string(rows.text(0)) : std::string();
}

}  // namespace essaim::store
