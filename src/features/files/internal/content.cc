#include "features/files/internal/content.h"

#include "base/core/check.h"
#include "features/files/internal/history.h"
#include "features/files/internal/room.h"

namespace essaim::files::internal {

Result<void> replace_content(store::WriteTx& tx, blobs::Store& blobs, const Node& seen,
                             const Content& content) {
  // The folder it lies in, not the one it is mounted in.
  auto found = by_id(tx, seen.id);
  CHECK(found);
  const Node& node = *found;
  NodeId place = seen.standing.place;
  ByteCount more = content.size - node.size;
  bool worth = node.size > 0 && node.blob != content.blob;
  // Rather no version than no file: a person who is at the limit can still save.
  bool keep = worth && make_room(tx, blobs, place, more + node.size).has_value();
  if (!keep) TRY_VOID(make_room(tx, blobs, place, more));
  ByteCount kept = 0;
  if (keep) {
    kept = keep_version(tx, blobs, node);
  } else {
    blobs.drop_ref(tx, node.blob);
  }
  Seq seq = journal::append(tx, node.id, journal::Op::changed);
  tx.execute(R"sql(
    UPDATE node SET size = ?1, mtime = ?2, created = ?3, uploaded = ?4, seq = ?5, own_seq = ?5,
                    blob = ?6, checksum = ?7, author = ?8, kept = kept + ?9
    WHERE id = ?10)sql",
             content.size, content.mtime, content.created.value_or(node.created),
             tx.now().seconds(), seq, content.blob, content.checksum,
             content.author ? std::optional(content.author.value) : std::nullopt, kept, node.id);
  Delta delta{more, 0, kept};
  touch_up(tx, node.parent, seq, delta);
  add_usage(tx, place, delta);
  return {};
}

}  // namespace essaim::files::internal
