#include "features/files/search.h"

#include <algorithm>
#include <compare>
#include <unordered_map>

#include "base/core/check.h"
#include "base/text/text.h"
#include "features/files/internal/match.h"
#include "features/files/internal/tree.h"
#include "formats/mime/types.h"

namespace essaim::files {

namespace {

using internal::Whole;

struct Candidate {
  Node node;
  Whole whole = Whole::yes;
};

// Where the candidates come from, cheapest first.
enum class Source : std::uint8_t { one, given, stars, times, names, rows };

// Reads candidates page by page. Between two pages no statement is open.
class Candidates {
 public:
  Candidates(store::ReadTx& tx, const access::Caller& caller, const Search& search,
             const internal::Matcher& matcher)
      : tx_(tx),
        caller_(caller),
        search_(search),
        matcher_(matcher),
        window_(internal::mtime_window(search.where)) {
    id_ = internal::only_id(search.where);
    bool by_time = !search.order.empty() && search.order[0].field == Field::mtime;
    bool windowed = window_.from != INT64_MIN || window_.to != INT64_MAX;
    down_ = !by_time || search.order[0].descending;
    if (search.depth != SearchDepth::everything) {
      source_ = Source::given;
    } else if (id_ != 0) {
      source_ = Source::one;
    } else if (internal::favorites_only(search.where)) {
      source_ = Source::stars;
    } else if (internal::files_only(search.where) && (by_time || windowed)) {
      source_ = Source::times;
      sorted_ = by_time;
    } else if (internal::asks_name(search.where)) {
      source_ = Source::names;
    }
    mtime_ = down_ ? window_.to : window_.from;
    last_ = down_ ? INT64_MAX : 0;
    if (source_ != Source::times) last_ = 0;
  }

  // True when they come in the first order that was asked for.
  bool sorted() const { return sorted_; }
  bool ended() const { return ended_; }
  std::int64_t examined() const { return examined_; }
  // Those of the next page that may fit.
  std::vector<Candidate> next();

 private:
  std::vector<Candidate> light(sqlite::Rows rows, Whole whole);
  std::vector<Candidate> given();
  std::vector<Candidate> stars();
  std::vector<Candidate> times();
  std::vector<Candidate> names();
  std::vector<Candidate> rows();

  store::ReadTx& tx_;
  const access::Caller& caller_;
  const Search& search_;
  const internal::Matcher& matcher_;
  internal::Window window_;
  Source source_ = Source::rows;
  bool sorted_ = false;
  bool down_ = true;
  bool ended_ = false;
  std::int64_t id_ = 0;
  std::int64_t examined_ = 0;
  // The last row read.
  std::int64_t last_ = 0;
  std::int64_t mtime_ = 0;
};

Candidate whole_row(const sqlite::Rows& rows) {
  Candidate out;
  Node& node = out.node;
  node.id = {rows.int64(0)};
  node.parent = {rows.int64(1)};
  node.name = rows.text(2);
  node.kind = static_cast<Kind>(rows.int64(3));
  node.size = rows.int64(4);
  node.files = rows.int64(5);
  node.mtime = rows.int64(6);
  node.created = rows.int64(7);
  node.uploaded = rows.int64(8);
  node.seq = rows.int64(9);
  node.blob = rows.text(10);
  node.checksum = rows.text(11);
  node.favorite = rows.int64(12) != 0;
  return out;
}

std::optional<Node> whole_node(store::ReadTx& tx, const access::Caller& caller, NodeId id) {
  auto rows = tx.query(R"sql(
    SELECT id, parent_id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum,
           EXISTS (SELECT 1 FROM favorite WHERE member_id = ?1 AND node_id = node.id)
    FROM node WHERE id = ?2)sql",
                       caller.member, id);
  if (!rows.next()) return std::nullopt;
  return whole_row(rows).node;
}

std::vector<Candidate> Candidates::next() {
  switch (source_) {
    case Source::one: {
      ended_ = true;
      auto node = whole_node(tx_, caller_, NodeId{id_});
      if (!node) return {};
      return {{std::move(*node), Whole::yes}};
    }
    case Source::given:
      ended_ = true;
      return given();
    case Source::stars:
      return stars();
    case Source::times:
      return times();
    case Source::names:
      return names();
    case Source::rows:
      return rows();
  }
  return {};
}

std::vector<Candidate> Candidates::given() {
  std::vector<Candidate> out;
  auto self = whole_node(tx_, caller_, search_.scope);
  if (!self) return out;
  bool folder = self->is_folder();
  out.push_back({std::move(*self), Whole::yes});
  if (search_.depth == SearchDepth::self || !folder) return out;
  for (Node& child : children(tx_, caller_, search_.scope)) {
    out.push_back({std::move(child), Whole::yes});
  }
  return out;
}

std::vector<Candidate> Candidates::stars() {
  std::vector<Candidate> out;
  auto rows = tx_.query(R"sql(
    SELECT id, parent_id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum, 1
    FROM favorite JOIN node ON node.id = favorite.node_id
    WHERE member_id = ?1 AND node_id > ?2 ORDER BY node_id LIMIT ?3)sql",
                        caller_.member, last_, kSearchPage);
  while (rows.next()) out.push_back(whole_row(rows));
  if (!out.empty()) last_ = out.back().node.id.value;
  examined_ += static_cast<std::int64_t>(out.size());
  ended_ = out.size() < static_cast<std::size_t>(kSearchPage);
  return out;
}

// Columns: id, parent, name, and for `dated` kind and mtime. What cannot fit is left out at once.
std::vector<Candidate> Candidates::light(sqlite::Rows rows, Whole whole) {
  std::vector<Candidate> out;
  Candidate each;
  each.whole = whole;
  int count = 0;
  for (; rows.next(); ++count) {
    each.node.id = {rows.int64(0)};
    auto name = rows.blob(2);
    each.node.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
    if (whole == Whole::dated) {
      each.node.kind = static_cast<Kind>(rows.int64(3));
      each.node.mtime = rows.int64(4);
    }
    if (matcher_.judge(each.node, whole) == internal::Verdict::no) continue;
    each.node.parent = {rows.int64(1)};
    out.push_back(each);
  }
  examined_ += count;
  ended_ = count < kSearchPage;
  last_ = each.node.id.value;
  mtime_ = each.node.mtime;
  return out;
}

std::vector<Candidate> Candidates::times() {
  if (down_) {
    return light(tx_.query(R"sql(
      SELECT id, parent_id, name, kind, mtime FROM node INDEXED BY node_file_mtime
      WHERE kind = 2 AND mtime >= ?1 AND (mtime, id) < (?2, ?3)
      ORDER BY mtime DESC, id DESC LIMIT ?4)sql",
                           window_.from, mtime_, last_, kSearchPage),
                 Whole::dated);
  }
  return light(tx_.query(R"sql(
    SELECT id, parent_id, name, kind, mtime FROM node INDEXED BY node_file_mtime
    WHERE kind = 2 AND mtime <= ?1 AND (mtime, id) > (?2, ?3)
    ORDER BY mtime, id LIMIT ?4)sql",
                         window_.to, mtime_, last_, kSearchPage),
               Whole::dated);
}

std::vector<Candidate> Candidates::names() {
  return light(tx_.query(R"sql(
    SELECT id, parent_id, name FROM node WHERE id > ?1 ORDER BY id LIMIT ?2)sql",
                         last_, kSearchPage),
               Whole::named);
}

std::vector<Candidate> Candidates::rows() {
  return light(tx_.query(R"sql(
    SELECT id, parent_id, name, kind, mtime FROM node WHERE id > ?1 ORDER BY id LIMIT ?2)sql",
                         last_, kSearchPage),
               Whole::dated);
}

// Which folders lie in the scope, each looked at once.
class Scope {
 public:
  Scope(store::ReadTx& tx, const Search& search, Path above)
      : tx_(tx), search_(search), above_(std::move(above)) {}

  bool holds(const Node& node) {
    if (search_.depth == SearchDepth::self) return node.id == search_.scope;
    if (search_.depth == SearchDepth::children && node.id == search_.scope) return true;
    return node.id != search_.scope && inside(node.parent.value);
  }

  // From the root of the place; of a node that the scope holds.
  Path path_of(const Node& node) {
    Path out;
    if (node.id == search_.scope) return above_;
    out.push_back(node.name);
    for (std::int64_t id = node.parent.value; id != search_.scope.value;) {
      const Folder& folder = folders_.at(id);
      out.push_back(folder.name);
      id = folder.parent;
    }
    out.insert(out.end(), above_.rbegin(), above_.rend());
    std::ranges::reverse(out);
    return out;
  }

 private:
  struct Folder {
    std::int64_t parent = 0;
    std::string name;
    bool inside = false;
  };

  bool inside(std::int64_t id) {
    std::vector<std::int64_t> way;
    bool found = false;
    while (true) {
      if (found = id == search_.scope.value; found) break;
      if (id <= 1) break;
      if (auto known = folders_.find(id); known != folders_.end()) {
        found = known->second.inside;
        break;
      }
      auto rows = tx_.query(R"sql(SELECT parent_id, name FROM node WHERE id = ?)sql", NodeId{id});
      if (!rows.next()) break;
      folders_[id] = {rows.int64(0), std::string(rows.text(1)), false};
      way.push_back(id);
      id = rows.int64(0);
    }
    for (std::int64_t each : way) folders_[each].inside = found;
    return found;
  }

  store::ReadTx& tx_;
  const Search& search_;
  Path above_;
  std::unordered_map<std::int64_t, Folder> folders_;
};

struct Match {
  Candidate candidate;
  std::string name_key;  // when names are sorted
};

std::int64_t number_of(const Node& node, Field field) {
  switch (field) {
    case Field::mtime:
      return node.mtime;
    case Field::created:
      return node.created;
    case Field::uploaded:
      return node.uploaded;
    case Field::activity:
      return std::max(node.mtime, node.uploaded);
    case Field::size:
      return node.size;
    case Field::favorite:
      return node.favorite ? 1 : 0;
    default:
      return 0;
  }
}

std::strong_ordering compare(const Match& a, const Match& b, Field field) {
  const Node& left = a.candidate.node;
  const Node& right = b.candidate.node;
  if (field == Field::name) return a.name_key <=> b.name_key;
  if (field == Field::type) return mime::type_of(left.name) <=> mime::type_of(right.name);
  return number_of(left, field) <=> number_of(right, field);
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
  if (!place.rights.read) return fail(Code::not_found, "place not readable");
  Scope scope(tx, search, TRY(path_of(tx, place, search.scope)));
  internal::Matcher matcher(search.where, caller.uid);
  Candidates candidates(tx, caller, search, matcher);
  std::int64_t limit = std::min(search.limit, kFoundMax);
  auto want =
      static_cast<std::size_t>(limit + std::clamp<std::int64_t>(search.first, 0, kFirstMax));
  Best best(search, want);
  std::int64_t boundary = 0;
  bool done = want == 0;
  while (!done && !candidates.ended()) {
    auto page = candidates.next();
    if (candidates.examined() > kExaminedMax)
      return fail(Code::too_large, "a search over too many nodes");
    for (Candidate& each : page) {
      // In the order asked for, whoever comes after the last one that counts cannot replace it.
      bool full = best.size() >= want;
      done = full && (search.order.empty() || (candidates.sorted() && each.node.mtime != boundary));
      if (done) break;
      auto verdict = matcher.judge(each.node, each.whole);
      if (verdict == internal::Verdict::no || !scope.holds(each.node)) continue;
      bool load = verdict == internal::Verdict::unknown || order_needs_row(search, each.whole);
      if (load && each.whole != Whole::yes) {
        auto node = whole_node(tx, caller, each.node.id);
        CHECK(node);
        each = {std::move(*node), Whole::yes};
        if (matcher.judge(each.node, Whole::yes) != internal::Verdict::yes) continue;
      }
      boundary = full ? boundary : each.node.mtime;
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
      each.node = std::move(*node);
    }
    out.push_back({std::move(each.node), std::move(path)});
  }
  return out;
}

}  // namespace essaim::files
