#include "features/files/search.h"

#include <algorithm>
#include <compare>
#include <unordered_map>

#include "base/core/check.h"
#include "base/text/text.h"
#include "features/files/internal/candidates.h"
#include "features/files/internal/match.h"
#include "features/files/internal/view.h"
#include "formats/mime/types.h"

namespace essaim::files {

namespace {

using internal::Candidate;
using internal::Candidates;
using internal::Whole;
using internal::whole_node;

// Which folders lie in the scope, each looked at once: by the caller's home, or by their mounts.
class Scope {
 public:
  Scope(store::ReadTx& tx, const access::Caller& caller, const Search& search, Path above)
      : tx_(tx), caller_(caller), search_(search), above_(std::move(above)) {
    if (search.depth != SearchDepth::everything || search.scope.standing.place != caller.home) {
      return;
    }
    for (auto& mount : internal::mounts_of(tx, caller.member)) {
      auto id = mount.node.value;
      mounts_.emplace(id, std::move(mount));
    }
  }

  bool mounted(NodeId id) const { return mounts_.contains(id.value); }
  // Every mount that lies in the scope, as the caller sees it.
  std::vector<Node> mounts() {
    std::vector<Node> out;
    for (const auto& [id, mount] : mounts_) {
      auto node = internal::by_id(tx_, NodeId{id});
      CHECK(node);
      auto star = tx_.query(R"sql(SELECT 1 FROM favorite WHERE member_id = ? AND node_id = ?)sql",
                            caller_.member, mount.node);
      node->favorite = star.next();
      if (holds(*node)) out.push_back(std::move(*node));
    }
    return out;
  }

  // Gives the node its standing too.
  bool holds(Node& node) {
    if (search_.depth == SearchDepth::self) return node.id == search_.scope.id;
    if (search_.depth == SearchDepth::children) return true;
    if (node.id == search_.scope.id) return false;
    if (auto mount = mounts_.find(node.id.value); mount != mounts_.end()) {
      if (!inside(mount->second.parent.value)) return false;
      auto seen = internal::through(tx_, caller_, mount->second, node);
      if (seen) node = std::move(*seen);
      return seen.has_value();
    }
    if (!inside(node.parent.value)) return false;
    const Folder& folder = folders_.at(node.parent.value);
    access::Rights own;
    bool foreign = folder.self.standing.place != caller_.home;
    if (node.grants > 0 && foreign) own = access::granted_on(tx_, caller_, node.id);
    internal::stand_below(node, folder.self, own);
    return folder.self.standing.rights.read;
  }

  // From the root of the caller's tree; of a node that the scope holds.
  Path path_of(const Node& node) {
    Path out;
    if (node.id == search_.scope.id) return above_;
    out.push_back(node.name);
    for (std::int64_t id = node.parent.value; id != search_.scope.id.value;) {
      const Node& folder = folders_.at(id).self;
      out.push_back(folder.name);
      id = folder.parent.value;
    }
    out.insert(out.end(), above_.rbegin(), above_.rend());
    std::ranges::reverse(out);
    return out;
  }

 private:
  struct Folder {
    Node self;  // with the name and the parent that the caller knows
    bool inside = false;
  };

  // The folder as the caller sees it, without its standing below `parent`.
  Node seen(std::int64_t id) {
    auto node = internal::by_id(tx_, NodeId{id});
    CHECK(node);
    return std::move(*node);
  }

  bool inside(std::int64_t id) {
    std::vector<std::int64_t> way;
    while (id != search_.scope.id.value && !folders_.contains(id)) {
      if (id <= 1) break;
      Node node = seen(id);
      std::int64_t above = node.parent.value;
      if (auto mount = mounts_.find(id); mount != mounts_.end()) {
        auto through = internal::through(tx_, caller_, mount->second, std::move(node));
        if (!through) break;
        node = std::move(*through);
        above = node.parent.value;
      }
      folders_[id] = {std::move(node), false};
      way.push_back(id);
      id = above;
    }
    if (id == search_.scope.id.value && !folders_.contains(id)) {
      folders_[id] = {search_.scope, true};
    }
    auto top = folders_.find(id);
    bool found = top != folders_.end() && top->second.inside;
    for (auto each = way.rbegin(); each != way.rend(); ++each) {
      Folder& folder = folders_[*each];
      folder.inside = found;
      if (found && !folder.self.standing.mount_root) stand(folder.self);
      // What may not be read is a wall.
      found = found && folder.self.standing.rights.read;
    }
    return way.empty() ? found : folders_[way.front()].inside;
  }

  void stand(Node& node) {
    const Node& above = folders_.at(node.parent.value).self;
    access::Rights own;
    if (node.grants > 0 && above.standing.place != caller_.home) {
      own = access::granted_on(tx_, caller_, node.id);
    }
    internal::stand_below(node, above, own);
  }

  store::ReadTx& tx_;
  const access::Caller& caller_;
  const Search& search_;
  Path above_;
  std::unordered_map<std::int64_t, internal::Mount> mounts_;
  std::unordered_map<std::int64_t, Folder> folders_;
};

struct Match {
  Candidate candidate;
  std::string name_key;  // when names are sorted
};

std::strong_ordering compare(const Match& a, const Match& b, Field field) {
  const Node& left = a.candidate.node;
  const Node& right = b.candidate.node;
  if (field == Field::name) return a.name_key <=> b.name_key;
  if (field == Field::type) return mime::type_of(left.name) <=> mime::type_of(right.name);
  return internal::number_of(left, field) <=> internal::number_of(right, field);
}

// The best `want` matches so far, in bounded memory.
class Best {
 public:
  Best(const Search& search, std::size_t want) : search_(search), want_(want) {
    for (const Order& each : search.order) by_name_ |= each.field == Field::name;
  }

  // For the algorithms: which of two comes first.
  auto less() const {
    return [this](const Match& a, const Match& b) {
      for (const Order& each : search_.order) {
        auto order = compare(a, b, each.field);
        if (order != 0) return each.descending ? order > 0 : order < 0;
      }
      return a.candidate.node.id < b.candidate.node.id;
    };
  }

  void add(Candidate candidate) {
    std::string key = by_name_ ? text::sort_key(candidate.node.name) : std::string();
    matches_.push_back({std::move(candidate), std::move(key)});
    if (matches_.size() < 2 * want_ + kSearchPage) return;
    std::ranges::nth_element(matches_, matches_.begin() + static_cast<std::ptrdiff_t>(want_),
                             less());
    matches_.resize(want_);
  }
  std::size_t size() const { return matches_.size(); }

  std::vector<Match> take(std::int64_t first) {
    if (!search_.order.empty()) std::ranges::sort(matches_, less());
    if (matches_.size() > want_) matches_.resize(want_);
    auto skipped = std::min(static_cast<std::size_t>(first), matches_.size());
    matches_.erase(matches_.begin(), matches_.begin() + static_cast<std::ptrdiff_t>(skipped));
    return std::move(matches_);
  }

 private:
  const Search& search_;
  std::size_t want_;
  bool by_name_ = false;
  std::vector<Match> matches_;
};

// Whether the orders can be told without the whole row.
bool order_needs_row(const Search& search, Whole have) {
  return std::ranges::any_of(search.order, [have](const Order& each) {
    if (each.field == Field::name || each.field == Field::type) return false;
    return have != Whole::dated || each.field != Field::mtime;
  });
}

}  // namespace

Result<std::vector<Found>> search(store::ReadTx& tx, const access::Caller& caller,
                                  const access::Place& place, const Search& search) {
  if (!search.scope.standing.rights.read) return fail(Code::not_found, "not readable");
  Scope scope(tx, caller, search, TRY(path_of(tx, caller, place, search.scope.id)));
  internal::Matcher matcher(search.where, caller.uid);
  Candidates candidates(tx, caller, search, matcher);
  std::int64_t limit = std::min(search.limit, kFoundMax);
  auto want =
      static_cast<std::size_t>(limit + std::clamp<std::int64_t>(search.first, 0, kFirstMax));
  Best best(search, want);
  // What is mounted has the name that the caller gave it, not that of its row.
  for (Node& node : scope.mounts()) {
    if (matcher.judge(node, Whole::yes) == internal::Verdict::yes) {
      best.add({std::move(node), Whole::yes});
    }
  }
  std::size_t taken = 0;
  std::int64_t boundary = 0;
  bool done = want == 0;
  while (!done && !candidates.ended()) {
    auto page = candidates.next();
    if (candidates.examined() > kExaminedMax)
      return fail(Code::too_large, "a search over too many nodes");
    for (Candidate& each : page) {
      // In the order asked for, whoever comes after the last one that counts cannot replace it.
      bool full = taken >= want;
      done = full && (search.order.empty() || (candidates.sorted() && each.node.mtime != boundary));
      if (done) break;
      auto verdict = matcher.judge(each.node, each.whole);
      if (verdict == internal::Verdict::no || scope.mounted(each.node.id)) continue;
      if (!scope.holds(each.node)) continue;
      bool load = verdict == internal::Verdict::unknown || order_needs_row(search, each.whole);
      if (load && each.whole != Whole::yes) {
        auto node = whole_node(tx, caller, each.node.id);
        CHECK(node);
        if (!scope.holds(*node)) continue;
        each = {std::move(*node), Whole::yes};
        if (matcher.judge(each.node, Whole::yes) != internal::Verdict::yes) continue;
      }
      boundary = full ? boundary : each.node.mtime;
      ++taken;
      best.add(std::move(each));
    }
  }
  std::vector<Found> out;
  for (Match& match : best.take(search.first)) {
    Candidate& each = match.candidate;
    auto path = scope.path_of(each.node);
    if (each.whole != Whole::yes) {
      auto node = whole_node(tx, caller, each.node.id);
      CHECK(node);
      CHECK(scope.holds(*node));
      each.node = std::move(*node);
    }
    out.push_back({std::move(each.node), std::move(path)});
  }
  return out;
}

}  // namespace essaim::files
