#include "space/journal/journal.h"

#include "base/core/check.h"

namespace essaim::journal {

Seq append(store::WriteTx& tx, NodeId node, Op op) {
  Seq seq = 0;
  {
    auto rows = tx.query("UPDATE meta SET value=value+1 WHERE key='seq' RETURNING value");
    CHECK(rows.next());
    seq = rows.int64(0);
    // A statement with RETURNING has done its work once it has been run to the end.
    CHECK(!rows.next());
  }
  tx.execute("INSERT INTO node_log(seq, node_id, op, at) VALUES (?, ?, ?, ?)", seq, node,
             static_cast<int>(op), tx.now().ms);
  return seq;
}

Seq last(store::ReadTx& tx) {
  auto rows = tx.query("SELECT value FROM meta WHERE key='seq'");
  CHECK(rows.next());
  return rows.int64(0);
}

std::string etag(const store::SpaceFacts& facts, Seq seq) {
  return facts.epoch + "-" + std::to_string(seq);
}

int trim(store::WriteTx& tx, Duration age, int count) {
  // The log is in order of time as well as of numbers, so the oldest entries are the first rows.
  return static_cast<int>(
      tx.execute("DELETE FROM node_log WHERE seq IN"
                 " (SELECT seq FROM node_log ORDER BY seq LIMIT ?) AND at < ?",
                 count, tx.now().ms - age.count()));
}

}  // namespace essaim::journal
