#include "server/gate/believed.h"

#include <utility>

#include "base/secrets/secrets.h"

namespace essaim::gate {

Believed::Believed(const Clock& clock, Duration life, std::size_t entries_max)
    : clock_(clock), life_(life), entries_max_(entries_max) {}

void Believed::add(const std::string& key, std::string password_hash) {
  std::lock_guard lock(mutex_);
  bool fresh = entries_
                   .insert_or_assign(key, Entry{std::move(password_hash),
                                                Instant{clock_.now().ms + life_.count()}})
                   .second;
  if (!fresh) return;
  order_.push_back(key);
  // Only the oldest: were all of them forgotten, everyone would have to be hashed again at once.
  while (order_.size() > entries_max_) {
    entries_.erase(order_.front());
    order_.pop_front();
  }
}

bool Believed::holds(const std::string& key, std::string_view password_hash) const {
  std::lock_guard lock(mutex_);
  auto at = entries_.find(key);
  return at != entries_.end() && at->second.until > clock_.now() &&
         secrets::equal(at->second.password_hash, password_hash);
}

}  // namespace essaim::gate
