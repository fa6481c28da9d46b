// Instants, and a clock that tests can set.
#pragma once

#include <chrono>
#include <cstdint>

namespace essaim {

using Duration = std::chrono::milliseconds;

// Wall time in milliseconds since 1970-01-01 UTC.
struct Instant {
  std::int64_t ms = 0;
  std::int64_t seconds() const { return ms / 1000; }
  auto operator<=>(const Instant&) const = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

// Stands still until told otherwise.
class TestClock final : public Clock {
 public:
  explicit TestClock(Instant start) : now_(start) {}
  Instant now() const override { return now_; }
  void set(Instant now) { now_ = now; }
  void advance(Duration by) { now_.ms += by.count(); }

 private:
  Instant now_;
};

}  // namespace essaim
