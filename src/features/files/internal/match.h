// Judging one node by a search's conditions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/text.h"
#include "features/files/search.h"

namespace essaim::files::internal {

// What is known of a row: id, parent and name; or also kind and mtime; or everything.
enum class Whole : std::uint8_t { named, dated, yes };
enum class Verdict : std::uint8_t { no, yes, unknown };

// A search's conditions, with their literals prepared once.
class Matcher {
 public:
  Matcher(const Condition& where, std::string_view owner);
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;
  Verdict judge(const Node& node, Whole whole) const;
  // True when nothing with this name fits: sooner told than by judge(), which need not be asked.
  bool rules_out(std::string_view name) const;

 private:
  struct Part {
    Condition condition;
    std::string key;                     // of the literal: without case and accents
    std::optional<text::Sought> sought;  // the pattern is %key% and nothing else
    std::vector<Part> of;
  };
  // A part that decides against a node by its name alone; null: there is none.
  static const Part* decisive(const Part& part);
  static Part prepare(const Condition& condition);
  Verdict judge(const Part& part, const Node& node, Whole whole) const;
  Verdict judge_group(const Part& part, const Node& node, Whole whole) const;
  Verdict compare(const Part& part, const Node& node, Whole whole) const;
  Verdict compare_text(const Part& part, const Node& node, Whole whole) const;

  Part root_;
  const Part* decisive_ = nullptr;  // of root_
  std::string owner_;
  mutable std::string scratch_;  // the key of the name under judgement
};

// What a number, an instant or a flag of the node is compared by; 0 for texts.
std::int64_t number_of(const Node& node, Field field);

// LIKE over text and pattern that have the same case; % is any run, _ one character.
bool like(std::string_view text, std::string_view pattern);

// What the conditions demand of mtime, at most: both ends included.
struct Window {
  std::int64_t from = INT64_MIN;
  std::int64_t to = INT64_MAX;
};
Window mtime_window(const Condition& where);
// True when nothing but files can fit.
bool files_only(const Condition& where);
// The id that a node must have to fit; 0: any.
std::int64_t only_id(const Condition& where);
// True when nothing but the caller's favorites can fit.
bool favorites_only(const Condition& where);
// True when a name can decide against a node.
bool asks_name(const Condition& where);

}  // namespace essaim::files::internal
