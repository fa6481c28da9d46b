// The steps that people choose from, and the rights behind them.
#include "features/access/levels.h"

#include <algorithm>

namespace essaim::access {

namespace {

struct Step {
  Level level;
  std::string_view name;
  Rights rights;
};
constexpr Step kSteps[] = {{Level::see, "see", kSee},
                           {Level::comment, "comment", kComment},
                           {Level::edit, "edit", kEdit},
                           {Level::drop, "drop", kDrop},
                           {Level::manage, "manage", kManage}};

struct Word {
  bool Rights::*right;
  std::string_view name;
};
constexpr Word kWords[] = {{&Rights::read, "read"},     {&Rights::write, "write"},
                           {&Rights::create, "create"}, {&Rights::remove, "remove"},
                           {&Rights::share, "share"},   {&Rights::comment, "comment"},
                           {&Rights::manage, "manage"}, {&Rights::download, "download"}};

}  // namespace

std::string_view name(Level level) {
  return std::ranges::find(kSteps, level, &Step::level)->name;
}

std::optional<Level> level_named(std::string_view word) {
  const auto* found = std::ranges::find(kSteps, word, &Step::name);
  return found == std::end(kSteps) ? std::nullopt : std::optional(found->level);
}

Rights rights_of(Level level) {
  return std::ranges::find(kSteps, level, &Step::level)->rights;
}

std::optional<Level> level_of(const Rights& rights) {
  const auto* found = std::ranges::find(kSteps, rights, &Step::rights);
  return found == std::end(kSteps) ? std::nullopt : std::optional(found->level);
}

std::vector<std::string_view> words_of(const Rights& rights) {
  std::vector<std::string_view> out;
  for (const Word& word : kWords) {
    if (rights.*word.right) out.push_back(word.name);
  }
  return out;
}

bool may_set_levels(const Caller& caller, const Rights& have, Spot spot) {
  bool decides = spot == Spot::root && caller.role == members::Role::gestion;
  return have.manage || decides;
}

bool may_list_levels(const Caller& caller, const Rights& have, Spot spot) {
  return have.share || may_set_levels(caller, have, spot);
}

}  // namespace essaim::access
