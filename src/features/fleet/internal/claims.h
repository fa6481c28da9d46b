// Spaces on which an operator's command is at work, so that two commands never move the same
// directory.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/core/types.h"

namespace essaim::fleet::internal {

class Claims {
 public:
  // Holds the space until destroyed. Movable. The Claims outlive it.
  class Claim {
   public:
    Claim(Claim&& other) noexcept
        : claims_(std::exchange(other.claims_, nullptr)), id_(std::move(other.id_)) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim() {
      if (claims_ != nullptr) claims_->let_go(id_);
    }

   private:
    friend class Claims;
    Claim(Claims& claims, SpaceId id) : claims_(&claims), id_(std::move(id)) {}
    Claims* claims_;
    SpaceId id_;
  };

  // None when somebody else has it.
  std::optional<Claim> claim(const SpaceId& id) {
    std::lock_guard guard(lock_);
    if (!held_.insert(id).second) return std::nullopt;
    return Claim(*this, id);
  }

 private:
  void let_go(const SpaceId& id) {
    std::lock_guard guard(lock_);
    held_.erase(id);
  }

  std::mutex lock_;
  std::set<SpaceId> held_;
};

}  // namespace essaim::fleet::internal
