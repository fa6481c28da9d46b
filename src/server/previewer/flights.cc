#include "server/previewer/internal/flights.h"

#include <algorithm>
#include <utility>

namespace essaim::previewer::internal {

namespace {

constexpr std::chrono::milliseconds kWatchEvery{250};
constexpr std::chrono::seconds kFailedFor{60};  // the longest a read may be late
constexpr std::size_t kFailedMax = 4096;

std::string content_key(const Wanted& wanted) {
  return wanted.space.value + "/" + wanted.hash + "/" +
         std::to_string(static_cast<int>(wanted.kind));
}

Made busy() {
  return fail(Code::busy, "previews");
}

}  // namespace

std::string key_of(const Wanted& wanted) {
  return wanted.space.value + "/" + wanted.hash + "/" +
         previews::name_of(wanted.kind, wanted.shape);
}

void Flights::join(Wanted wanted, Done<Made> done) {
  Waiter waiter{std::move(done), Time::now() + limits_.answer_within};
  Made refusal = busy();
  {
    std::lock_guard lock(mutex_);
    auto failed = failed_.find(content_key(wanted));
    if (failed != failed_.end() && failed->second > Time::now()) {
      refusal = fail(Code::not_found, "tried in vain");
    } else if (!stopping_) {
      std::string key = key_of(wanted);
      auto found = flying_.find(key);
      if (found != flying_.end() && found->second->waiters.size() < limits_.sharing_max) {
        found->second->waiters.push_back(std::move(waiter));
        return;
      }
      if (found == flying_.end() && queue_.size() < limits_.waiting_max) {
        auto flight = std::make_shared<Flight>(Flight{key, std::move(wanted), {}});
        flight->waiters.push_back(std::move(waiter));
        flying_.emplace(std::move(key), flight);
        queue_.push_back(std::move(flight));
        queued_.notify_one();
        return;
      }
    }
  }
  waiter.done(std::move(refusal));
}

std::shared_ptr<Flight> Flights::next() {
  std::unique_lock lock(mutex_);
  while (true) {
    queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return nullptr;
    auto flight = std::move(queue_.front());
    queue_.pop_front();
    if (!flight->waiters.empty()) return flight;
    flying_.erase(flight->key);
  }
}

void Flights::land(Flight& flight, const Made& made) {
  std::vector<Waiter> waiters;
  {
    std::lock_guard lock(mutex_);
    auto found = flying_.find(flight.key);
    if (found != flying_.end() && found->second.get() == &flight) flying_.erase(found);
    waiters = std::exchange(flight.waiters, {});
  }
  answer(std::move(waiters), made);
}

void Flights::fail_for_a_while(const Flight& flight) {
  std::lock_guard lock(mutex_);
  auto now = Time::now();
  if (failed_.size() >= kFailedMax) {
    std::erase_if(failed_, [&](const auto& entry) { return entry.second <= now; });
  }
  if (failed_.size() >= kFailedMax) failed_.clear();
  failed_[content_key(flight.wanted)] = now + kFailedFor;
}

void Flights::expire(Time::time_point now) {
  std::vector<Waiter> late;
  {
    std::lock_guard lock(mutex_);
    for (auto& [key, flight] : flying_) {
      auto rest = std::ranges::stable_partition(
          flight->waiters, [&](const Waiter& waiter) { return waiter.until > now; });
      std::ranges::move(rest, std::back_inserter(late));
      flight->waiters.erase(rest.begin(), rest.end());
    }
  }
  answer(std::move(late), busy());
}

void Flights::stop() {
  std::vector<Waiter> waiters;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& [key, flight] : flying_) {
      std::ranges::move(flight->waiters, std::back_inserter(waiters));
      flight->waiters.clear();
    }
    queue_.clear();
  }
  queued_.notify_all();
  stopped_.notify_all();
  answer(std::move(waiters), busy());
}

bool Flights::watch() {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, kWatchEvery, [this] { return stopping_; });
}

void Flights::answer(std::vector<Waiter> waiters, const Made& made) {
  for (Waiter& waiter : waiters) waiter.done(made);
}

}  // namespace essaim::previewer::internal
