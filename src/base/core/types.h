// The small words of every layer: ids that cannot be mixed up, byte counts, one-shot callbacks.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace essaim {

// An integer that is the id of one kind of thing. Zero means "none".
template <class Tag>
struct Id {
  std::int64_t value = 0;
  auto operator<=>(const Id&) const = default;
  explicit operator bool() const { return value != 0; }
};

using NodeId = Id<struct NodeTag>;
using MemberId = Id<struct MemberTag>;
using GroupId = Id<struct GroupTag>;
using GrantId = Id<struct GrantTag>;
using TokenId = Id<struct TokenTag>;
using SessionId = Id<struct SessionTag>;

// The directory name of a space: 16 lower-case base-32 characters, random, never reused. The first
// two choose the shard: spaces/ab/abcdefgh01234567.
struct SpaceId {
  std::string value;
  auto operator<=>(const SpaceId&) const = default;
};

// The number of a change in a space: each change takes the next one. Etags and sync tokens are made
// of it, together with the epoch of the space.
using Seq = std::int64_t;

using ByteCount = std::int64_t;
inline constexpr ByteCount kKiB = 1024;
inline constexpr ByteCount kMiB = 1024 * kKiB;
inline constexpr ByteCount kGiB = 1024 * kMiB;

// Called exactly once, from any thread.
template <class T>
using Done = std::move_only_function<void(T)>;

}  // namespace essaim

template <>
struct std::hash<essaim::SpaceId> {
  std::size_t operator()(const essaim::SpaceId& id) const noexcept {
    return std::hash<std::string>{}(id.value);
  }
};
