// The numbered list of changes of a space, behind every etag and sync token.
#pragma once

#include <cstdint>
#include <string>

#include "base/core/types.h"
#include "space/store/tx.h"

namespace essaim::journal {

// What happened to a node; the numbers are stored.
enum class Op : std::uint8_t {
  created = 1,
  changed = 2,
  moved = 3,
  deleted = 4,
  properties = 5,
  restored = 6,  // from the bin
};

// Takes the next change number and writes it down. Cost: 2 statements.
Seq append(store::WriteTx& tx, NodeId node, Op op);
// The last number taken.
Seq last(store::ReadTx& tx);
// "epoch-seq", without quotes: the etag of whatever changed last at `seq`.
std::string etag(const store::SpaceFacts& facts, Seq seq);
// Removes entries older than `age`; at most `count`. Returns how many.
int trim(store::WriteTx& tx, Duration age, int count);

}  // namespace essaim::journal
