// Reading @names out of messages.
#include <algorithm>

#include "base/text/text.h"
#include "features/files/comments.h"

namespace essaim::files {

namespace {

constexpr std::size_t kUidMax = 64;  // bytes

bool in_uid(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '@';
}

// Letters beyond ASCII are part of a word, too.
bool in_word(char c) {
  return in_uid(c) || static_cast<unsigned char>(c) >= 0x80;
}

const members::Member* find_person(std::string_view uid,
                                   const std::vector<members::Member>& people) {
  auto found = std::ranges::find_if(people, [&](const members::Member& each) {
    return text::equal_ignoring_case(each.uid, uid);
  });
  return found == people.end() ? nullptr : &*found;
}

// The person named right after an '@'; moves `rest` behind the name.
const members::Member* person_at(std::string_view& rest,
                                 const std::vector<members::Member>& people) {
  if (rest.starts_with('"')) {
    auto end = rest.find('"', 1);
    if (end == std::string_view::npos || end - 1 > kUidMax) return nullptr;
    auto name = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return find_person(name, people);
  }
  auto end = static_cast<std::size_t>(std::ranges::find_if_not(rest, in_uid) - rest.begin());
  auto name = rest.substr(0, end);
  rest.remove_prefix(end);
  if (name.size() > kUidMax) return nullptr;
  for (; !name.empty(); name.remove_suffix(1)) {
    if (const auto* person = find_person(name, people)) return person;
    if (name.back() != '.' && name.back() != '-' && name.back() != '_') break;
  }
  return nullptr;
}

}  // namespace

std::vector<const members::Member*> mentioned(std::string_view message,
                                              const std::vector<members::Member>& people) {
  std::vector<const members::Member*> out;
  char before = ' ';
  while (!message.empty() && out.size() < kMentionsMax) {
    char c = message.front();
    message.remove_prefix(1);
    // "lea@voile.example" is an address and names nobody.
    bool starts = c == '@' && !in_word(before);
    before = c;
    if (!starts) continue;
    const auto* person = person_at(message, people);
    before = 'x';
    if (person != nullptr && std::ranges::find(out, person) == out.end()) out.push_back(person);
  }
  return out;
}

}  // namespace essaim::files
