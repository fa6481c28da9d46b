#include "protocols/dav/search_request.h"

#include <algorithm>

#include "base/text/text.h"
#include "base/time/http_date.h"

namespace essaim::dav {

namespace {

using files::Condition;
using files::Field;

struct FieldRow {
  std::string_view ns;
  std::string_view name;
  Field field;
};

constexpr FieldRow kFields[] = {
    {kDavNs, "displayname", Field::name},
    {kDavNs, "getcontenttype", Field::type},
    {kDavNs, "getlastmodified", Field::mtime},
    {kDavNs, "creationdate", Field::created},
    {kNcNs, "creation_time", Field::created},
    {kNcNs, "upload_time", Field::uploaded},
    {kNcNs, "last_activity", Field::activity},
    {kDavNs, "getcontentlength", Field::size},
    {kOcNs, "size", Field::size},
    {kOcNs, "favorite", Field::favorite},
    {kOcNs, "fileid", Field::id},
    {kOcNs, "owner-id", Field::owner},
    // CLIENT: iOS sorts its media by the day a picture was taken; what we know is the file's time.
    {kNcNs, "metadata-photos-original_date_time", Field::mtime},
};

struct OperatorRow {
  std::string_view name;
  Condition::Op op;
};

constexpr OperatorRow kGroups[] = {
    {"and", Condition::Op::all},
    {"or", Condition::Op::any},
    {"not", Condition::Op::none},
};

constexpr OperatorRow kComparisons[] = {
    {"eq", Condition::Op::equal},
    {"lt", Condition::Op::less},
    {"lte", Condition::Op::less_equal},
    {"gt", Condition::Op::greater},
    {"gte", Condition::Op::greater_equal},
    {"like", Condition::Op::like},
    {"is-defined", Condition::Op::is_defined},
};

std::optional<Condition::Op> find_operator(std::span<const OperatorRow> rows,
                                           const xml::Element& element) {
  if (element.ns != kDavNs) return std::nullopt;
  for (const OperatorRow& row : rows) {
    if (row.name == element.name) return row.op;
  }
  return std::nullopt;
}

const xml::Element* first_element(const xml::Element& parent) {
  auto at = std::ranges::find_if(parent.content, [](const auto& each) { return !each.is_text(); });
  return at == parent.content.end() ? nullptr : &*at;
}

// The property inside <d:prop>. What we do not know of photos is known to be missing.
Result<Field> field_of(const xml::Element& parent) {
  const xml::Element* prop = parent.child(kDavNs, "prop");
  const xml::Element* name = prop == nullptr ? nullptr : first_element(*prop);
  if (name == nullptr) return fail(Code::bad_request, "no property");
  for (const FieldRow& row : kFields) {
    if (name->is(row.ns, row.name)) return row.field;
  }
  if (name->ns == kNcNs && name->name.starts_with("metadata-")) return Field::unknown;
  return fail(Code::bad_request, "this property cannot be searched");
}

// CLIENT: Android and iOS send times as ISO dates or as seconds, and truth as yes, true or 1.
Result<std::int64_t> number_literal(Field field, std::string_view text) {
  if (field == Field::favorite) {
    return text == "1" || text == "yes" || text == "true" ? std::int64_t{1} : std::int64_t{0};
  }
  if (auto number = text::to_int64_truncated(text)) return *number;
  bool time = field == Field::mtime || field == Field::created || field == Field::uploaded ||
              field == Field::activity;
  if (time) {
    if (auto date = parse_iso8601(text)) return date->seconds();
    if (auto date = parse_http_date(text)) return date->seconds();
  }
  return fail(Code::bad_request, "a literal that is no number and no date");
}

class WhereReader {
 public:
  Result<Condition> read(const xml::Element& element, int depth) {
    if (++count_ > files::kConditionsMax) return fail(Code::too_large, "operators");
    if (depth > files::kConditionDepthMax) return fail(Code::too_large, "depth of operators");
    Condition out;
    if (element.is(kDavNs, "is-collection")) {
      out.op = Condition::Op::is_folder;
      return out;
    }
    if (auto group = find_operator(kGroups, element)) {
      out.op = *group;
      for (const xml::Element& each : element.content) {
        if (!each.is_text()) out.of.push_back(TRY(read(each, depth + 1)));
      }
      bool one = out.op == Condition::Op::none;
      if (out.of.empty() || (one && out.of.size() != 1)) {
        return fail(Code::bad_request, "an operator without operands");
      }
      return out;
    }
    auto comparison = find_operator(kComparisons, element);
    if (!comparison) return fail(Code::bad_request, "an operator we do not know");
    out.op = *comparison;
    out.field = TRY(field_of(element));
    if (out.op == Condition::Op::is_defined) return out;
    return compared(element, std::move(out));
  }

 private:
  static Result<Condition> compared(const xml::Element& element, Condition out) {
    const xml::Element* literal = element.child(kDavNs, "literal");
    if (literal == nullptr) return fail(Code::bad_request, "no literal");
    std::string text = literal->all_text();
    if (text.size() > files::kLiteralMax) return fail(Code::too_large, "literal");
    bool words = out.field == Field::name || out.field == Field::type || out.field == Field::owner;
    if (words) {
      out.text = std::move(text);
    } else if (out.field != Field::unknown) {
      if (out.op == Condition::Op::like) return fail(Code::bad_request, "like is for text");
      out.number = TRY(number_literal(out.field, text::trim(text)));
    }
    return out;
  }

  int count_ = 0;
};

struct PageNames {
  std::string_view results_ns;
  std::string_view results;
  std::string_view first_ns;
  std::string_view first;
};
constexpr PageNames kLimitNames{kDavNs, "nresults", kNcNs, "firstresult"};
constexpr PageNames kReportNames{kOcNs, "limit", kOcNs, "offset"};

// `limit` may be null: everything that fits one answer.
Result<void> read_limit(const xml::Element* limit, const PageNames& names, files::Search& search) {
  auto number = [&](std::string_view ns, std::string_view name,
                    std::int64_t otherwise) -> Result<std::int64_t> {
    const xml::Element* found = limit == nullptr ? nullptr : limit->child(ns, name);
    if (found == nullptr) return otherwise;
    std::string text = found->all_text();
    auto value = text::to_int64(text::trim(text));
    if (!value || *value < 0) return fail(Code::bad_request, "limit");
    return *value;
  };
  std::int64_t results = TRY(number(names.results_ns, names.results, files::kFoundMax));
  search.limit = std::min(results, files::kFoundMax);
  search.first = TRY(number(names.first_ns, names.first, 0));
  if (search.first > files::kFirstMax) return fail(Code::too_large, "firstresult");
  return {};
}

Result<void> read_order(const xml::Element& query, files::Search& search) {
  const xml::Element* list = query.child(kDavNs, "orderby");
  if (list == nullptr) return {};
  for (const xml::Element& each : list->content) {
    if (!each.is(kDavNs, "order")) continue;
    Field field = TRY(field_of(each));
    search.order.push_back({field, each.child(kDavNs, "descending") != nullptr});
  }
  if (search.order.size() > files::kOrdersMax) return fail(Code::too_large, "orders");
  return {};
}

Result<void> read_scope(const xml::Element& query, SearchRequest& out) {
  const xml::Element* from = query.child(kDavNs, "from");
  const xml::Element* scope = from == nullptr ? nullptr : from->child(kDavNs, "scope");
  const xml::Element* href = scope == nullptr ? nullptr : scope->child(kDavNs, "href");
  if (href == nullptr) return fail(Code::bad_request, "no scope");
  if (std::ranges::count_if(from->content, [](const auto& each) { return !each.is_text(); }) != 1) {
    return fail(Code::bad_request, "one scope at a time");
  }
  out.href = std::string(text::trim(href->all_text()));
  const xml::Element* depth = scope->child(kDavNs, "depth");
  std::string value = depth == nullptr ? "infinity" : depth->all_text();
  std::string_view word = text::trim(value);
  if (word == "0") {
    out.depth = files::SearchDepth::self;
  } else if (word == "1") {
    out.depth = files::SearchDepth::children;
  } else if (!text::equal_ignoring_case(word, "infinity")) {
    return fail(Code::bad_request, "depth of a scope");
  }
  out.search.depth = out.depth;
  return {};
}

// Names that hold the pattern, whose signs mean themselves.
Result<files::Search> read_pattern(const xml::Element& root) {
  const xml::Element* element = root.child(kOcNs, "search");
  const xml::Element* pattern = element == nullptr ? nullptr : element->child(kOcNs, "pattern");
  if (pattern == nullptr) return fail(Code::bad_request, "no pattern");
  std::string text = pattern->all_text();
  if (text.empty() || text.size() > files::kLiteralMax) return fail(Code::bad_request, "pattern");
  files::Search out;
  TRY_VOID(read_limit(element, kReportNames, out));
  out.where.op = Condition::Op::like;
  out.where.field = Field::name;
  out.where.text = "%";
  for (char c : text) {
    if (c == '%' || c == '_' || c == '\\') out.where.text += '\\';
    out.where.text += c;
  }
  out.where.text += '%';
  return out;
}

Result<files::Search> read_rules(const xml::Element& root, std::vector<files::TagId>& tags) {
  files::Search out;
  TRY_VOID(read_limit(root.child(kDavNs, "limit"), kLimitNames, out));
  const xml::Element* rules = root.child(kOcNs, "filter-rules");
  if (rules == nullptr || first_element(*rules) == nullptr) {
    return fail(Code::bad_request, "no rule");
  }
  for (const xml::Element& rule : rules->content) {
    if (rule.is_text()) continue;
    // Nobody has made a circle, so whichever it names does not exist.
    if (rule.is(kOcNs, "circle")) return fail(Code::precondition_failed, "no such circle");
    if (rule.is(kOcNs, "systemtag")) {
      std::string text = rule.all_text();
      auto tag = text::to_int64(text::trim(text));
      if (!tag) return fail(Code::precondition_failed, "no such tag");
      tags.push_back({*tag});
      continue;
    }
    if (!rule.is(kOcNs, "favorite")) return fail(Code::bad_request, "a rule we do not know");
    Condition starred;
    starred.op = Condition::Op::equal;
    starred.field = Field::favorite;
    std::string value = rule.all_text();
    starred.number = TRY(number_literal(Field::favorite, text::trim(value)));
    out.where.of.push_back(std::move(starred));
  }
  bool many = tags.size() > static_cast<std::size_t>(files::kTagsPerNodeMax);
  if (many || out.where.of.size() > files::kConditionsMax) return fail(Code::too_large, "rules");
  return out;
}

}  // namespace

Result<SearchRequest> parse_search(std::string_view body) {
  auto root = TRY(xml::read(body));
  const xml::Element* query =
      root.is(kDavNs, "searchrequest") ? root.child(kDavNs, "basicsearch") : nullptr;
  if (query == nullptr) return fail(Code::bad_request, "not a basicsearch");
  SearchRequest out;
  const xml::Element* select = query->child(kDavNs, "select");
  if (select == nullptr) return fail(Code::bad_request, "no select");
  out.wanted = TRY(wanted_in(*select));
  TRY_VOID(read_scope(*query, out));
  const xml::Element* where = query->child(kDavNs, "where");
  if (const xml::Element* top = where == nullptr ? nullptr : first_element(*where)) {
    out.search.where = TRY(WhereReader().read(*top, 1));
  }
  TRY_VOID(read_order(*query, out.search));
  TRY_VOID(read_limit(query->child(kDavNs, "limit"), kLimitNames, out.search));
  return out;
}

Result<FileReport> parse_file_report(std::string_view body) {
  auto root = TRY(xml::read(body));
  bool filter = root.is(kOcNs, "filter-files");
  if (!filter && !root.is(kOcNs, "search-files")) return fail(Code::unsupported, "this report");
  FileReport out;
  bool named = root.child(kDavNs, "prop") != nullptr;
  out.wanted = named ? TRY(wanted_in(root)) : TRY(parse_propfind({}));
  out.search = filter ? TRY(read_rules(root, out.tags)) : TRY(read_pattern(root));
  return out;
}

}  // namespace essaim::dav
