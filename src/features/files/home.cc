#include "features/files/home.h"

#include "features/files/internal/tree.h"
#include "space/journal/journal.h"

namespace essaim::files {

Result<NodeId> create_home(store::WriteTx& tx, const members::Member& member) {
  if (member.home) return fail(Code::exists, "the member has a home");
  Seq seq = journal::append(tx, NodeId{1}, journal::Op::created);
  tx.execute(R"sql(
    INSERT INTO node(parent_id, name, kind, mtime, seq, own_seq) VALUES (1, ?, 1, ?, ?, ?))sql",
             "home-" + std::to_string(member.id.value), tx.now().seconds(), seq, seq);
  NodeId home{tx.last_insert_rowid()};
  internal::touch_up(tx, NodeId{1}, seq, {});
  tx.execute(R"sql(INSERT INTO usage(place, bytes, files) VALUES (?, 0, 0))sql", home);
  members::set_home(tx, member.id, home);
  return home;
}

}  // namespace essaim::files
