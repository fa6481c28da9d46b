// What a turn in the lane may do to a space: read, or read and write.
//
// A Tx belongs to one space and lives for one turn. It cannot name another space, and nothing
// outside the transaction may be touched through it, because a write may be run again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/types.h"
#include "base/time/clock.h"
#include "platform/sqlite/database.h"

namespace essaim::store {

// A time that a restore ended: numbers up to `last` that no earlier era covers were given in it.
struct Era {
  std::string epoch;
  Seq last = 0;
};

// What every reader of an open space may ask without SQL.
struct SpaceFacts {
  SpaceId id;
  std::string epoch;        // random, 8 lower-case hex digits; new after every restore
  std::vector<Era> eras;    // before `epoch`, oldest first
  std::string instance_id;  // "oc" + 10 characters of base 36: the tail of every oc:id
  std::string fingerprint;  // empty until a restore, then the epoch it started: oc:data-fingerprint

  // The epoch in which `seq` was given: a file that a restore brings back unchanged keeps the etag
  // that clients know it by. A number of the time that is lost is not given again in any epoch.
  const std::string& epoch_of(Seq seq) const {
    for (const Era& era : eras) {
      if (seq <= era.last) return era.epoch;
    }
    return epoch;
  }
};

class ReadTx {
 public:
  ReadTx(sqlite::Database& db, const SpaceFacts& facts, Instant now)
      : db_(db), facts_(facts), now_(now) {}
  ReadTx(const ReadTx&) = delete;
  ReadTx& operator=(const ReadTx&) = delete;

  template <class... Values>
  sqlite::Rows query(sqlite::Sql sql, const Values&... values) {
    return db_.query(sql, values...);
  }
  const SpaceFacts& facts() const { return facts_; }
  Instant now() const { return now_; }

 protected:
  sqlite::Database& db_;
  const SpaceFacts& facts_;
  Instant now_;
};

class WriteTx : public ReadTx {
 public:
  using ReadTx::ReadTx;
  template <class... Values>
  std::int64_t execute(sqlite::Sql sql, const Values&... values) {
    return db_.execute(sql, values...);
  }
  std::int64_t last_insert_rowid() const { return db_.last_insert_rowid(); }
};

}  // namespace essaim::store
