// Which nodes a search has to judge: read by an index when the conditions or the order allow it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "features/files/internal/match.h"
#include "features/files/search.h"

namespace essaim::files::internal {

struct Candidate {
  Node node;
  Whole whole = Whole::yes;
};

// Where the candidates come from, cheapest first.
enum class Source : std::uint8_t { one, given, stars, times, names, rows };

// Lets those names out of a statement that may fit, and the last one of a page.
class Names final : public sqlite::Filter {
 public:
  explicit Names(const Matcher& matcher) : matcher_(matcher) {}
  bool fits(std::string_view name) override;
  void begin_page() { examined_ = 0; }
  int examined() const { return examined_; }
  bool page_is_full() const { return examined_ == kSearchPage; }
  // Of the row that came out last.
  bool fitting() const { return fitting_; }

 private:
  const Matcher& matcher_;
  Node node_;
  int examined_ = 0;
  bool fitting_ = false;
};

// Reads candidates page by page, in one turn.
class Candidates {
 public:
  // Looks at the conditions, reads nothing. The references outlive it.
  Candidates(store::ReadTx& tx, const access::Caller& caller, const Search& search,
             const Matcher& matcher);
  Candidates(const Candidates&) = delete;
  Candidates& operator=(const Candidates&) = delete;

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
  const Matcher& matcher_;
  Window window_;
  Source source_ = Source::rows;
  bool sorted_ = false;
  bool down_ = true;
  bool ended_ = false;
  std::int64_t id_ = 0;
  std::int64_t examined_ = 0;
  // The last row read.
  std::int64_t last_ = 0;
  std::int64_t mtime_ = 0;
  Names names_;
  std::optional<sqlite::Rows> name_rows_;  // ends before what it asks
};

// The node with all its columns, as the caller has starred it.
std::optional<Node> whole_node(store::ReadTx& tx, const access::Caller& caller, NodeId id);

}  // namespace essaim::files::internal
