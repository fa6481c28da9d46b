#include "features/files/reach.h"

#include "features/files/internal/tree.h"

namespace essaim::files {

namespace {

constexpr int kDepthMax = 300;  // more than a path can have segments

}  // namespace

Result<Node> reach(store::ReadTx& tx, const access::Place& place, NodeId id) {
  if (!place.rights.read) return fail(Code::not_found, "place not readable");
  auto node = internal::by_id(tx, id);
  if (!node) return fail(Code::not_found, "no such node");
  auto above = tx.query(R"sql(
    WITH RECURSIVE up(id, depth) AS (
      VALUES (?1, 0)
      UNION ALL
      SELECT node.parent_id, depth + 1 FROM up JOIN node ON node.id = up.id
      WHERE up.id <> ?2 AND node.parent_id <> node.id AND depth < ?3)
    SELECT 1 FROM up WHERE id = ?2)sql",
                        id, place.root, kDepthMax);
  if (!above.next()) return fail(Code::not_found, "in another place");
  return std::move(*node);
}

}  // namespace essaim::files
