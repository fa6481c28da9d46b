// Finding files and folders of a place by what is known of them: name, kind, times, size, star.
//
// A query is a tree of conditions, judged row by row in plain code, since no SQL is made at run
// time. What the tree says of names, times, stars and ids decides which rows are looked at: by an
// index when one helps, else every name of the space (about 0.1 microseconds each; where only a
// time is asked for, every row).
#pragma once

#include <string>
#include <vector>

#include "features/files/node.h"

namespace essaim::files {

enum class Field : std::uint8_t {
  name,
  type,   // "image/png"; folders have none
  mtime,  // seconds, as the following three
  created,
  uploaded,
  activity,  // the later of mtime and uploaded
  size,
  favorite,  // 1 or 0, of the caller
  id,
  owner,    // the caller's uid: nothing else is found
  unknown,  // a property that no file has: every comparison with it fails
};

struct Condition {
  enum class Op : std::uint8_t {
    all,   // of `of`; true when there are none
    any,   // of `of`
    none,  // not the one in `of`
    equal,
    less,
    less_equal,
    greater,
    greater_equal,
    like,  // `text` with % and _; a backslash takes their meaning. Ignores case and accents
    is_folder,
    is_defined,
  };
  Op op = Op::all;
  Field field = Field::unknown;
  std::string text;         // for name, type, owner
  std::int64_t number = 0;  // for the other fields
  std::vector<Condition> of;
};

struct Order {
  Field field = Field::name;  // names as people sort them: accents and case matter last
  bool descending = false;
};

enum class SearchDepth : std::uint8_t { self, children, everything };

struct Search {
  Condition where;
  Node scope;  // as the caller found it; `everything` does not find the scope itself
  SearchDepth depth = SearchDepth::everything;
  std::vector<Order> order;  // none: in no order that means something
  std::int64_t first = 0;    // how many are left out
  std::int64_t limit = 0;    // at most kFoundMax
};

struct Found {
  Node node;
  Path path;  // from the root of the caller's tree
};

inline constexpr std::int64_t kFoundMax = 5'000;         // in one answer
inline constexpr std::int64_t kFirstMax = 1'000'000;     // left out before it
inline constexpr std::int64_t kExaminedMax = 1'000'000;  // nodes judged in one search
inline constexpr int kSearchPage = 1'000;                // rows read at a time
inline constexpr int kConditionsMax = 100;
inline constexpr int kConditionDepthMax = 16;
inline constexpr std::size_t kLiteralMax = 1'024;  // bytes
inline constexpr int kOrdersMax = 4;

// What fits, in the order asked for. Errors: too_large (more than kExaminedMax nodes would have to
// be looked at; a smaller scope may do).
Result<std::vector<Found>> search(store::ReadTx& tx, const access::Caller& caller,
                                  const access::Place& place, const Search& search);

}  // namespace essaim::files
