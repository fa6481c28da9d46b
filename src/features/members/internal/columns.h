// What several tables of this module need to fill their columns.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "features/members/members.h"

namespace essaim::members::internal {

// At most `count` bytes, without cutting a character in two.
inline std::string_view first_bytes(std::string_view text, std::size_t count) {
  if (text.size() <= count) return text;
  while (count > 0 && (static_cast<unsigned char>(text[count]) & 0xC0) == 0x80) --count;
  return text.substr(0, count);
}

inline std::span<const std::byte> bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// From the columns id, uid, display, email, role, quota_bytes, locale, home_id, disabled,
// created_at, seen_at, expires_at of `member`, first in the row and in this order.
Member member_from(const sqlite::Rows& row, Instant now);

}  // namespace essaim::members::internal
