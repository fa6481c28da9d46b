// What people tell the others of their space about themselves. Each writes their own; everybody who
// may see the person may read it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/types.h"
#include "space/store/tx.h"

namespace essaim::members {

enum class ProfileField : std::uint8_t {  // the numbers are stored
  phone = 1,
  address = 2,
  website = 3,
  organisation = 4,
  role = 5,  // what they do there, in their words
  headline = 6,
  biography = 7,
};
inline constexpr std::size_t kProfileFields = 7;

// By field, the first at 0; empty: nothing was said.
class Profile {
 public:
  std::string& operator[](ProfileField field) { return texts_[index(field)]; }
  const std::string& operator[](ProfileField field) const { return texts_[index(field)]; }

 private:
  static std::size_t index(ProfileField field) { return static_cast<std::size_t>(field) - 1; }
  std::array<std::string, kProfileFields> texts_;
};

inline constexpr std::size_t kProfileLineMax = 200;    // bytes
inline constexpr std::size_t kProfileTextMax = 4'000;  // bytes of address and biography

// Cost: one indexed read.
Profile profile_of(store::ReadTx& tx, MemberId member);
// Empty: nothing is said any more. Error: bad_request: longer than it may be, control
// characters (the two longer ones have lines), or a website that is not http(s). The caller has
// checked that it is UTF-8.
Result<void> set_profile(store::WriteTx& tx, MemberId member, ProfileField field,
                         std::string_view text);

}  // namespace essaim::members
