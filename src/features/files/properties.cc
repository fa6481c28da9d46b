#include "features/files/properties.h"

#include "base/core/check.h"

namespace essaim::files {

Result<void> set_property(store::WriteTx& tx, const access::Caller& caller, NodeId node,
                          const DeadProperty& property) {
  if (property.ns.size() > kPropertyNameMax || property.name.size() > kPropertyNameMax ||
      property.value.size() > kPropertyValueMax) {
    return fail(Code::too_large, "property too large");
  }
  auto count =
      tx.query(R"sql(SELECT count(*) FROM node_prop WHERE node_id = ? AND member_id = ?)sql", node,
               caller.member);
  CHECK(count.next());
  if (count.int64(0) >= kPropertiesPerNodeMax) {
    return fail(Code::too_large, "too many properties on this node");
  }
  tx.execute(R"sql(
    INSERT INTO node_prop(node_id, member_id, ns, name, value) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT DO UPDATE SET value = ?5)sql",
             node, caller.member, property.ns, property.name, property.value);
  return {};
}

void remove_property(store::WriteTx& tx, const access::Caller& caller, NodeId node,
                     std::string_view ns, std::string_view name) {
  tx.execute(R"sql(
    DELETE FROM node_prop WHERE node_id = ? AND member_id = ? AND ns = ? AND name = ?)sql",
             node, caller.member, ns, name);
}

PropertyMap properties(store::ReadTx& tx, const access::Caller& caller, NodeId node,
                       bool with_children) {
  PropertyMap out;
  auto rows = tx.query(R"sql(
    SELECT node_id, ns, name, value FROM node_prop
    WHERE member_id = ?1 AND (node_id = ?2 OR (?3 AND node_id IN
      (SELECT id FROM node WHERE parent_id = ?2)))
    ORDER BY node_id, ns, name LIMIT ?4)sql",
                       caller.member, node, with_children ? 1 : 0, kPropertiesReadMax);
  while (rows.next()) {
    out[rows.int64(0)].push_back(
        {std::string(rows.text(1)), std::string(rows.text(2)), std::string(rows.text(3))});
  }
  return out;
}

}  // namespace essaim::files
