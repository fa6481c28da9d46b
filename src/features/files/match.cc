#include "features/files/internal/match.h"

#include <algorithm>

#include "base/text/text.h"
#include "formats/mime/types.h"

namespace essaim::files::internal {

namespace {

using Op = Condition::Op;

Verdict verdict(bool truth) {
  return truth ? Verdict::yes : Verdict::no;
}

bool is_text(Field field) {
  return field == Field::name || field == Field::type || field == Field::owner;
}

bool ordered(Op op, std::int64_t left, std::int64_t right) {
  switch (op) {
    case Op::equal:
      return left == right;
    case Op::less:
      return left < right;
    case Op::less_equal:
      return left <= right;
    case Op::greater:
      return left > right;
    case Op::greater_equal:
      return left >= right;
    default:
      return false;
  }
}

std::size_t character(std::string_view text) {
  auto byte = static_cast<unsigned char>(text.front());
  std::size_t size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
  return std::min(size, text.size());
}

}  // namespace

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
    case Field::id:
      return node.id.value;
    default:
      return 0;
  }
}

bool like(std::string_view text, std::string_view pattern) {
  std::string_view retry_text;
  std::string_view retry_pattern;
  bool can_retry = false;
  while (true) {
    bool step = false;
    if (pattern.empty()) {
      if (text.empty()) return true;
    } else if (pattern.front() == '%') {
      pattern.remove_prefix(1);
      retry_text = text;
      retry_pattern = pattern;
      can_retry = true;
      continue;
    } else if (!text.empty()) {
      std::string_view literal = pattern;
      bool escaped = pattern.front() == '\\' && pattern.size() > 1;
      if (escaped) literal.remove_prefix(1);
      std::size_t size = character(literal);
      std::size_t width = character(text);
      if (literal.substr(0, size) == text.substr(0, width) || (!escaped && literal[0] == '_')) {
        pattern = literal.substr(size);
        text.remove_prefix(width);
        step = true;
      }
    }
    if (step) continue;
    if (!can_retry || retry_text.empty()) return false;
    retry_text.remove_prefix(character(retry_text));
    text = retry_text;
    pattern = retry_pattern;
  }
}

Matcher::Matcher(const Condition& where, std::string_view owner)
    : root_(prepare(where)), decisive_(decisive(root_)), owner_(owner) {}

const Matcher::Part* Matcher::decisive(const Part& part) {
  if (part.sought && part.condition.field == Field::name) return &part;
  if (part.condition.op != Op::all) return nullptr;
  for (const Part& each : part.of) {
    if (const Part* found = decisive(each)) return found;
  }
  return nullptr;
}

bool Matcher::rules_out(std::string_view name) const {
  return decisive_ != nullptr && !decisive_->sought->in(name, scratch_);
}

Matcher::Part Matcher::prepare(const Condition& condition) {
  Part part;
  part.condition = condition;
  part.condition.of.clear();
  part.key = condition.field == Field::owner ? condition.text : text::search_key(condition.text);
  std::string_view key = part.key;
  bool wrapped = key.size() > 1 && key.starts_with('%') && key.ends_with('%');
  // Uids count with their case.
  if (condition.op == Op::like && wrapped && condition.field != Field::owner) {
    key = key.substr(1, key.size() - 2);
    if (key.find_first_of("%_\\") == std::string_view::npos) part.sought.emplace(key);
  }
  for (const Condition& each : condition.of) part.of.push_back(prepare(each));
  return part;
}

Verdict Matcher::judge(const Node& node, Whole whole) const {
  return judge(root_, node, whole);
}

Verdict Matcher::judge(const Part& part, const Node& node, Whole whole) const {
  switch (part.condition.op) {
    case Op::all:
    case Op::any:
    case Op::none:
      return judge_group(part, node, whole);
    case Op::is_folder:
      return whole == Whole::named ? Verdict::unknown : verdict(node.is_folder());
    case Op::is_defined:
      if (part.condition.field == Field::unknown) return Verdict::no;
      if (part.condition.field != Field::type) return Verdict::yes;
      return whole == Whole::named ? Verdict::unknown : verdict(!node.is_folder());
    default:
      return compare(part, node, whole);
  }
}

// Three values: what is not known yet stays so, unless the others decide.
Verdict Matcher::judge_group(const Part& part, const Node& node, Whole whole) const {
  bool all = part.condition.op != Op::any;
  Verdict decisive = all ? Verdict::no : Verdict::yes;
  Verdict out = all ? Verdict::yes : Verdict::no;
  for (const Part& each : part.of) {
    Verdict one = judge(each, node, whole);
    if (one == decisive) {
      out = decisive;
      break;
    }
    if (one == Verdict::unknown) out = Verdict::unknown;
  }
  if (part.condition.op != Op::none || out == Verdict::unknown) return out;
  return verdict(out == Verdict::no);
}

Verdict Matcher::compare(const Part& part, const Node& node, Whole whole) const {
  const Condition& condition = part.condition;
  if (condition.field == Field::unknown) return Verdict::no;
  if (is_text(condition.field)) return compare_text(part, node, whole);
  if (condition.op == Op::like) return Verdict::no;
  bool known = whole == Whole::yes || condition.field == Field::id ||
               (whole == Whole::dated && condition.field == Field::mtime);
  if (!known) return Verdict::unknown;
  return verdict(ordered(condition.op, number_of(node, condition.field), condition.number));
}

Verdict Matcher::compare_text(const Part& part, const Node& node, Whole whole) const {
  const Condition& condition = part.condition;
  bool fits = false;
  if (condition.field == Field::name && part.sought) {
    fits = part.sought->in(node.name, scratch_);
  } else {
    std::string value = condition.field == Field::name   ? text::search_key(node.name)
                        : condition.field == Field::type ? std::string(mime::type_of(node.name))
                                                         : owner_;
    if (condition.op != Op::like) {
      int order = value.compare(part.key);
      fits = ordered(condition.op, order, 0);
    } else {
      fits = part.sought ? part.sought->in(value, scratch_) : like(value, part.key);
    }
  }
  // A folder may have any name, and no type.
  if (!fits || condition.field != Field::type) return verdict(fits);
  return whole == Whole::named ? Verdict::unknown : verdict(!node.is_folder());
}

Window mtime_window(const Condition& where) {
  Window out;
  bool on_mtime = where.field == Field::mtime;
  switch (where.op) {
    case Op::all:
      for (const Condition& each : where.of) {
        Window one = mtime_window(each);
        out = {std::max(out.from, one.from), std::min(out.to, one.to)};
      }
      return out;
    case Op::any: {
      if (where.of.empty()) return out;
      out = {INT64_MAX, INT64_MIN};
      for (const Condition& each : where.of) {
        Window one = mtime_window(each);
        out = {std::min(out.from, one.from), std::max(out.to, one.to)};
      }
      return out;
    }
    case Op::equal:
      return on_mtime ? Window{where.number, where.number} : out;
    case Op::less:
    case Op::less_equal:
      return on_mtime ? Window{INT64_MIN, where.number} : out;
    case Op::greater:
    case Op::greater_equal:
      return on_mtime ? Window{where.number, INT64_MAX} : out;
    default:
      return out;
  }
}

bool files_only(const Condition& where) {
  switch (where.op) {
    case Op::all:
      return std::ranges::any_of(where.of, files_only);
    case Op::any:
      return !where.of.empty() && std::ranges::all_of(where.of, files_only);
    case Op::none:
      return where.of.size() == 1 && where.of[0].op == Op::is_folder;
    default:
      return where.field == Field::type;
  }
}

std::int64_t only_id(const Condition& where) {
  if (where.op == Op::equal && where.field == Field::id) return where.number;
  if (where.op != Op::all) return 0;
  for (const Condition& each : where.of) {
    if (std::int64_t id = only_id(each); id != 0) return id;
  }
  return 0;
}

bool favorites_only(const Condition& where) {
  if (where.op == Op::all) return std::ranges::any_of(where.of, favorites_only);
  return where.op == Op::equal && where.field == Field::favorite && where.number == 1;
}

bool asks_name(const Condition& where) {
  bool by_name = where.field == Field::name || where.field == Field::type;
  switch (where.op) {
    case Op::all:
      return std::ranges::any_of(where.of, asks_name);
    case Op::any:
      return !where.of.empty() && std::ranges::all_of(where.of, asks_name);
    case Op::none:
      return false;
    default:
      return by_name;
  }
}

}  // namespace essaim::files::internal
