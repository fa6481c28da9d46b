#include "features/files/archive.h"

#include <algorithm>
#include <utility>

#include "base/core/check.h"

namespace essaim::files {

namespace {

struct Pending {
  Node node;
  std::string path;  // of the folder it is in, with its slash; empty at the top
};

Packed packed(const Node& node, const std::string& before) {
  std::string path = before + node.name;
  if (node.is_folder()) return {path + "/", 0, node.mtime, {}};
  return {std::move(path), node.size, node.mtime, node.blob};
}

// Puts the children on the stack so that the first comes off first.
void push(std::vector<Pending>& stack, std::vector<Node> children, const std::string& path) {
  for (auto child = children.rbegin(); child != children.rend(); ++child) {
    if (!child->standing.rights.read || !child->standing.rights.download) continue;
    stack.push_back({std::move(*child), path});
  }
}

// By name, also where something is mounted.
std::vector<Node> ordered(std::vector<Node> children) {
  bool mounts = !children.empty() && children.back().standing.mount_root;
  if (mounts) std::ranges::sort(children, {}, &Node::name);
  return children;
}

Result<std::vector<Node>> chosen(std::vector<Node> children,
                                 const std::vector<std::string>& names) {
  std::vector<Node> out;
  for (const std::string& name : names) {
    auto found = std::ranges::find(children, name, &Node::name);
    if (found == children.end()) return fail(Code::not_found, "no such child");
    auto again = std::ranges::find(out, found->id, &Node::id);
    if (again == out.end()) out.push_back(*found);
  }
  return out;
}

}  // namespace

Result<std::vector<Packed>> pack(store::ReadTx& tx, const access::Caller& caller,
                                 const Node& folder, const std::vector<std::string>& names) {
  CHECK(folder.is_folder());
  std::vector<Packed> out;
  std::vector<Pending> stack;
  std::string top = names.empty() && !folder.name.empty() ? folder.name + "/" : "";
  if (!top.empty()) out.push_back({top, 0, folder.mtime, {}});
  auto first = ordered(children(tx, caller, folder));
  if (!names.empty()) first = TRY(chosen(std::move(first), names));
  push(stack, std::move(first), top);
  while (!stack.empty()) {
    Pending next = std::move(stack.back());
    stack.pop_back();
    if (out.size() + stack.size() >= kPackedMax) {
      return fail(Code::too_large, "more than 100,000 files and folders in one download");
    }
    out.push_back(packed(next.node, next.path));
    if (!next.node.is_folder()) continue;
    push(stack, ordered(children(tx, caller, next.node)), out.back().path);
  }
  return out;
}

}  // namespace essaim::files
