#include "formats/http/multipart.h"

#include <algorithm>

#include "base/text/text.h"

namespace essaim::http {

namespace {

constexpr std::string_view kLine = "\r\n";

bool is_boundary_character(char c) {
  constexpr std::string_view kOthers = "'()+_,-./:=? ";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         kOthers.find(c) != std::string_view::npos;
}

// Takes `name=value` or `name="value"` off the front of `text`, which stands behind a semicolon.
struct Parameter {
  std::string name;  // lower case
  std::string value;
};
std::optional<Parameter> take_parameter(std::string_view& text) {
  auto equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Parameter out{text::lower_ascii(text::trim(text.substr(0, equals))), {}};
  text.remove_prefix(equals + 1);
  text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
  if (!text.starts_with('"')) {
    auto end = std::min(text.find(';'), text.size());
    out.value = text::trim(text.substr(0, end));
    text.remove_prefix(end);
    return out;
  }
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return out;
    }
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    out.value.push_back(text[at]);
  }
  return std::nullopt;
}

// What stands before the first semicolon, and every parameter behind it, given to `use`. False:
// broken.
template <class Use>
bool read_parameters(std::string_view value, std::string_view kind, Use use) {
  auto end = std::min(value.find(';'), value.size());
  if (!text::equal_ignoring_case(text::trim(value.substr(0, end)), kind)) return false;
  value.remove_prefix(end);
  while (true) {
    value = value.substr(std::min(value.find_first_not_of(" \t"), value.size()));
    if (value.empty()) return true;
    if (value.front() != ';') return false;
    value.remove_prefix(1);
    if (text::trim(value).empty()) return true;
    auto parameter = take_parameter(value);
    if (!parameter) return false;
    use(std::move(*parameter));
  }
}

Result<Part> part_of(std::string_view head) {
  constexpr std::string_view kDisposition = "content-disposition";
  while (!head.empty()) {
    auto end = std::min(head.find(kLine), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + kLine.size(), head.size()));
    auto colon = line.find(':');
    if (colon == std::string_view::npos) return fail(Code::bad_request, "a line of a part's head");
    if (!text::equal_ignoring_case(text::trim(line.substr(0, colon)), kDisposition)) continue;
    std::optional<std::string> name;
    Part part;
    bool right = read_parameters(line.substr(colon + 1), "form-data", [&](Parameter parameter) {
      if (parameter.name == "name") name = std::move(parameter.value);
      if (parameter.name == "filename" || parameter.name == "filename*") part.file = true;
    });
    if (!right || !name) break;
    part.name = std::move(*name);
    return part;
  }
  return fail(Code::bad_request, "a part of a form without a name");
}

}  // namespace

std::optional<std::string> boundary_of(std::string_view content_type) {
  std::string boundary;
  bool right = read_parameters(content_type, "multipart/form-data", [&](Parameter parameter) {
    if (parameter.name == "boundary") boundary = std::move(parameter.value);
  });
  bool good = right && !boundary.empty() && boundary.size() <= kBoundaryMax &&
              boundary.back() != ' ' && std::ranges::all_of(boundary, is_boundary_character);
  if (!good) return std::nullopt;
  return boundary;
}

Multipart::Multipart(std::string_view boundary, PartTaker& taker)
    : delimiter_("\r\n--" + std::string(boundary)), taker_(taker) {}

Result<void> Multipart::write(std::string_view bytes) {
  // What comes after the last boundary means nothing (RFC 2046 §5.1.1).
  if (state_ == State::after) return {};
  waiting_ += bytes;
  while (TRY(step())) {
  }
  return {};
}

Result<void> Multipart::finish() const {
  if (state_ != State::after) return fail(Code::bad_request, "a form that does not end");
  return {};
}

Result<bool> Multipart::step() {
  switch (state_) {
    case State::before:
    case State::content:
      return step_content();
    case State::boundary:
      return step_boundary();
    case State::head:
      return step_head();
    case State::after:
      break;
  }
  waiting_.clear();
  return false;
}

Result<bool> Multipart::step_content() {
  auto at = waiting_.find(delimiter_);
  bool found = at != std::string::npos;
  // The beginning of a boundary may be all that has come of it.
  std::size_t sure =
      found ? at : waiting_.size() - std::min(waiting_.size(), delimiter_.size() - 1);
  if (sure > 0) TRY_VOID(give(std::string_view(waiting_).substr(0, sure)));
  waiting_.erase(0, found ? sure + delimiter_.size() : sure);
  if (found) state_ = State::boundary;
  return found;
}

Result<void> Multipart::give(std::string_view bytes) {
  if (state_ == State::before) return {};
  return taker_.take(bytes);
}

Result<bool> Multipart::step_boundary() {
  constexpr std::string_view kEnd = "--";
  if (waiting_.size() < kEnd.size()) return false;
  if (waiting_.starts_with(kEnd)) {
    state_ = State::after;
    return true;
  }
  if (!waiting_.starts_with(kLine)) return fail(Code::bad_request, "more behind a boundary");
  if (++parts_ > kPartsMax) return fail(Code::bad_request, "a form of too many parts");
  // The line break stays: an empty head ends with the next one.
  state_ = State::head;
  return true;
}

Result<bool> Multipart::step_head() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  auto end = waiting_.find(kEnd);
  if (end > kPartHeadMax && (end != std::string::npos || waiting_.size() > kPartHeadMax)) {
    return fail(Code::bad_request, "the head of a part is too long");
  }
  if (end == std::string::npos) return false;
  std::string_view head(waiting_);
  head = end < kLine.size() ? std::string_view() : head.substr(kLine.size(), end - kLine.size());
  auto part = TRY(part_of(head));
  TRY_VOID(taker_.begin(part));
  waiting_.erase(0, end + kEnd.size());
  state_ = State::content;
  return true;
}

}  // namespace essaim::http
