#include "formats/http/if_header.h"

#include <algorithm>

#include "formats/http/preconditions.h"
#include "formats/http/text.h"

namespace essaim::http {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool end() {
    rest_ = trim(rest_);
    return rest_.empty();
  }
  bool at(char c) {
    rest_ = trim(rest_);
    return !rest_.empty() && rest_.front() == c;
  }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_not() {
    constexpr std::string_view kNot = "not";
    rest_ = trim(rest_);
    if (!same_word(rest_.substr(0, kNot.size()), kNot)) return false;
    rest_.remove_prefix(kNot.size());
    return true;
  }

  // What stands between the opening character, which is next, and the closing one. Never empty.
  Result<std::string_view> enclosed(char close) {
    rest_.remove_prefix(1);
    auto end = rest_.find(close);
    if (end == std::string_view::npos || end == 0) return fail(Code::bad_request, "If: bracket");
    std::string_view inside = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return inside;
  }

  // "[" entity-tag "]", where the quoted tag may itself hold a "]".
  Result<std::string_view> bracketed_etag() {
    rest_.remove_prefix(1);
    rest_ = trim(rest_);
    std::size_t at = rest_.starts_with("W/") ? 2 : 0;
    if (at < rest_.size() && rest_[at] == '"') {
      at = rest_.find('"', at + 1);
      if (at == std::string_view::npos) return fail(Code::bad_request, "If: etag without end");
    }
    auto end = rest_.find(']', at);
    if (end == std::string_view::npos) return fail(Code::bad_request, "If: etag without end");
    std::string_view etag = trim(rest_.substr(0, end));
    if (etag.empty()) return fail(Code::bad_request, "If: empty etag");
    rest_.remove_prefix(end + 1);
    return etag;
  }

 private:
  std::string_view rest_;
};

// "http://host:8080/a b" and "/a%20b" alike.
Result<IfResource> resource_of(std::string_view tag) {
  if (tag.starts_with('/') && !tag.starts_with("//")) return IfResource{{}, std::string(tag)};
  constexpr std::string_view kSeparator = "://";
  auto scheme_end = tag.find(kSeparator);
  if (scheme_end == std::string_view::npos) return fail(Code::bad_request, "If: resource tag");
  std::string_view scheme = tag.substr(0, scheme_end);
  if (!same_word(scheme, "http") && !same_word(scheme, "https")) {
    return fail(Code::bad_request, "If: scheme of a resource tag");
  }
  std::string_view rest = tag.substr(scheme_end + kSeparator.size());
  auto slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  if (authority.empty()) return fail(Code::bad_request, "If: host of a resource tag");
  std::string_view path = slash == std::string_view::npos ? "/" : rest.substr(slash);
  return IfResource{std::string(authority), std::string(path)};
}

Result<IfCondition> read_condition(Reader& in) {
  IfCondition condition;
  condition.negated = in.take_not();
  if (in.at('<')) {
    condition.kind = IfCondition::Kind::token;
    condition.value = TRY(in.enclosed('>'));
    return condition;
  }
  if (in.at('[')) {
    condition.kind = IfCondition::Kind::etag;
    condition.value = TRY(in.bracketed_etag());
    return condition;
  }
  return fail(Code::bad_request, "If: condition");
}

bool condition_holds(const IfCondition& condition, const IfState& state) {
  bool met = condition.kind == IfCondition::Kind::etag
                 ? same_etag_strong(condition.value, state.etag)
                 : std::ranges::find(state.tokens, condition.value) != state.tokens.end();
  return met != condition.negated;
}

}  // namespace

std::vector<std::string> IfHeader::submitted_tokens() const {
  std::vector<std::string> tokens;
  for (const auto& list : lists) {
    for (const auto& condition : list.conditions) {
      if (condition.kind != IfCondition::Kind::token || condition.negated) continue;
      tokens.push_back(condition.value);
    }
  }
  std::ranges::sort(tokens);
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

Result<IfHeader> parse_if(std::string_view header) {
  if (header.size() > kIfBytesMax) return fail(Code::too_large, "If: length");
  Reader in(header);
  IfHeader result;
  IfResource resource;
  bool tagged = in.at('<');
  bool list_due = false;  // a tag must be followed by a list
  std::size_t conditions = 0;
  while (!in.end()) {
    if (in.at('<')) {
      // Lists without a tag may not be mixed with tagged ones.
      if (!tagged || list_due) return fail(Code::bad_request, "If: resource tag");
      auto tag = TRY(in.enclosed('>'));
      resource = TRY(resource_of(tag));
      list_due = true;
      continue;
    }
    if (!in.take('(')) return fail(Code::bad_request, "If: list");
    list_due = false;
    IfList list{resource, {}};
    while (!in.take(')')) {
      if (++conditions > kIfConditionsMax) return fail(Code::too_large, "If: conditions");
      list.conditions.push_back(TRY(read_condition(in)));
    }
    if (list.conditions.empty()) return fail(Code::bad_request, "If: empty list");
    result.lists.push_back(std::move(list));
    if (result.lists.size() > kIfListsMax) return fail(Code::too_large, "If: lists");
  }
  if (result.lists.empty() || list_due) return fail(Code::bad_request, "If: no list");
  return result;
}

std::vector<std::string> submitted_tokens(const Headers& headers) {
  auto header = headers.get("If");
  if (!header) return {};
  auto parsed = parse_if(*header);
  return parsed ? parsed->submitted_tokens() : std::vector<std::string>();
}

bool holds(const IfHeader& header, const std::function<IfState(const IfResource&)>& look_up) {
  return std::ranges::any_of(header.lists, [&](const IfList& list) {
    IfState state = look_up(list.resource);
    return std::ranges::all_of(list.conditions, [&](const IfCondition& condition) {
      return condition_holds(condition, state);
    });
  });
}

}  // namespace essaim::http
