#include "server/gate/throttle.h"

#include <arpa/inet.h>

#include <array>

namespace essaim::gate {

Throttle::Throttle(const Clock& clock, Duration window, std::size_t entries_max)
    : clock_(clock), window_(window), entries_max_(entries_max) {}

void Throttle::fail(const std::string& key) {
  std::lock_guard lock(mutex_);
  Instant now = clock_.now();
  auto [at, fresh] = entries_.try_emplace(key);
  if (fresh) {
    order_.push_back(key);
    while (order_.size() > entries_max_) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
    at = entries_.find(key);
    if (at == entries_.end()) return;
  } else if (now.ms - at->second.last.ms > window_.count()) {
    at->second.count = 0;
  }
  ++at->second.count;
  at->second.last = now;
}

void Throttle::forget(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto at = entries_.find(key);
  // The key stays in `order_`, so the entry stays too: only its count goes.
  if (at != entries_.end()) at->second.count = 0;
}

void Throttle::forgive(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto at = entries_.find(key);
  if (at != entries_.end() && at->second.count > 0) --at->second.count;
}

int Throttle::failures(const std::string& key) const {
  std::lock_guard lock(mutex_);
  auto at = entries_.find(key);
  if (at == entries_.end()) return 0;
  return clock_.now().ms - at->second.last.ms > window_.count() ? 0 : at->second.count;
}

Rate::Rate(const Clock& clock, Duration window, std::size_t entries_max)
    : clock_(clock), window_(window), entries_max_(entries_max) {}

int Rate::count(const std::string& key) {
  std::lock_guard lock(mutex_);
  Instant now = clock_.now();
  if (entries_.size() >= entries_max_ && !entries_.contains(key)) entries_.clear();
  Entry& entry = entries_[key];
  if (now.ms - entry.started.ms >= window_.count()) entry = {0, now};
  return ++entry.count;
}

std::string network_of(std::string_view address) {
  std::array<unsigned char, 16> bytes{};
  std::string text(address);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return std::string(reinterpret_cast<const char*>(bytes.data()), 8);
}

}  // namespace essaim::gate
