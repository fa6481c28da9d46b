// Dead properties (RFC 4918 §4.2): what a client stored on a node and wants back, kept per member.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/error.h"
#include "features/files/node.h"

namespace essaim::files {

struct DeadProperty {
  std::string ns;
  std::string name;
  std::string value;  // XML between the tags, complete by itself
};

inline constexpr std::size_t kPropertyNameMax = 255;         // bytes, namespace and name each
inline constexpr std::size_t kPropertyValueMax = 64 * 1024;  // bytes
inline constexpr int kPropertiesPerNodeMax = 1'000;          // of one member on one node
inline constexpr int kPropertiesReadMax = 100'000;           // in one listing

// Errors: too_large (name, value or number).
Result<void> set_property(store::WriteTx& tx, const access::Caller& caller, NodeId node,
                          const DeadProperty& property);
void remove_property(store::WriteTx& tx, const access::Caller& caller, NodeId node,
                     std::string_view ns, std::string_view name);

// By node id. `with_children`: of the node and of its direct children.
using PropertyMap = std::unordered_map<std::int64_t, std::vector<DeadProperty>>;
PropertyMap properties(store::ReadTx& tx, const access::Caller& caller, NodeId node,
                       bool with_children);

}  // namespace essaim::files
