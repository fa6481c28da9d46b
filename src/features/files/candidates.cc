#include "features/files/internal/candidates.h"

#include "features/files/internal/tree.h"

namespace essaim::files::internal {

Candidates::Candidates(store::ReadTx& tx, const access::Caller& caller, const Search& search,
                       const Matcher& matcher)
    : tx_(tx),
      caller_(caller),
      search_(search),
      matcher_(matcher),
      window_(mtime_window(search.where)),
      names_(matcher) {
  id_ = only_id(search.where);
  bool by_time = !search.order.empty() && search.order[0].field == Field::mtime;
  bool windowed = window_.from != INT64_MIN || window_.to != INT64_MAX;
  down_ = !by_time || search.order[0].descending;
  if (search.depth != SearchDepth::everything) {
    source_ = Source::given;
  } else if (id_ != 0) {
    source_ = Source::one;
  } else if (favorites_only(search.where)) {
    source_ = Source::stars;
  } else if (files_only(search.where) && (by_time || windowed)) {
    source_ = Source::times;
    sorted_ = by_time;
  } else if (asks_name(search.where)) {
    source_ = Source::names;
  }
  mtime_ = down_ ? window_.to : window_.from;
  last_ = down_ ? INT64_MAX : 0;
  if (source_ != Source::times) last_ = 0;
}

std::optional<Node> whole_node(store::ReadTx& tx, const access::Caller& caller, NodeId id) {
  auto rows = tx.query(R"sql(
    SELECT id, parent_id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum,
           kept, grants, given,
           EXISTS (SELECT 1 FROM favorite WHERE member_id = ?1 AND node_id = node.id)
    FROM node WHERE id = ?2)sql",
                       caller.member, id);
  if (!rows.next()) return std::nullopt;
  Node node = node_of(rows);
  node.favorite = rows.int64(15) != 0;
  return node;
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
  Node self = search_.scope;
  out.push_back({self, Whole::yes});
  if (search_.depth == SearchDepth::self || !self.is_folder()) return out;
  for (Node& child : children(tx_, caller_, self)) out.push_back({std::move(child), Whole::yes});
  return out;
}

std::vector<Candidate> Candidates::stars() {
  std::vector<Candidate> out;
  auto rows = tx_.query(R"sql(
    SELECT id, parent_id, name, kind, size, files, mtime, created, uploaded, seq, blob, checksum,
           kept, grants, given
    FROM favorite JOIN node ON node.id = favorite.node_id
    WHERE member_id = ?1 AND node_id > ?2 ORDER BY node_id LIMIT ?3)sql",
                        caller_.member, last_, kSearchPage);
  while (rows.next()) {
    out.push_back({node_of(rows), Whole::yes});
    out.back().node.favorite = true;
  }
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
    if (matcher_.judge(each.node, whole) == Verdict::no) continue;
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

bool Names::fits(std::string_view name) {
  ++examined_;
  fitting_ = !matcher_.rules_out(name);
  if (fitting_) {
    node_.name.assign(name);
    fitting_ = matcher_.judge(node_, Whole::named) != Verdict::no;
  }
  return fitting_ || page_is_full();
}

// Along the index of names, which has a third of the pages that the rows have. To begin anew at
// the last name would make SQLite compare each name with it.
std::vector<Candidate> Candidates::names() {
  std::vector<Candidate> out;
  names_.begin_page();
  if (!name_rows_) {
    name_rows_.emplace(tx_.query(R"sql(
      SELECT id, parent_id, name FROM node INDEXED BY sqlite_autoindex_node_1
      WHERE fits(?1, name) ORDER BY parent_id, name)sql",
                                 &names_));
  }
  while (!names_.page_is_full() && !ended_) {
    ended_ = !name_rows_->next();
    if (ended_ || !names_.fitting()) continue;
    Candidate& each = out.emplace_back();
    each.whole = Whole::named;
    each.node.id = {name_rows_->int64(0)};
    each.node.parent = {name_rows_->int64(1)};
    each.node.name = name_rows_->text(2);
  }
  examined_ += names_.examined();
  return out;
}

// What is older or newer than can fit does not come out of the statement.
std::vector<Candidate> Candidates::rows() {
  return light(tx_.query(R"sql(
    SELECT id, parent_id, name, kind, mtime FROM node
    WHERE id > ?1 AND mtime BETWEEN ?2 AND ?3 ORDER BY id LIMIT ?4)sql",
                         last_, window_.from, window_.to, kSearchPage),
               Whole::dated);
}

}  // namespace essaim::files::internal
