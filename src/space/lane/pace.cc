#include "space/lane/internal/pace.h"

#include <algorithm>

namespace essaim::lane::internal {

namespace {

using Real = std::chrono::duration<double, std::nano>;

std::chrono::nanoseconds whole(Real time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time);
}

}  // namespace

void Pace::fill(SteadyTime now) {
  Real room = share_.burst - left_;
  left_ += whole(std::clamp(Real(now - filled_) * share_.cores, Real(0), room));
  filled_ = now;
}

std::chrono::nanoseconds Pace::spend(SteadyTime now, ProcessorTime took) {
  fill(now);
  left_ = std::max(left_ - took, -whole(Real(share_.rest_max) * share_.cores));
  if (left_ >= ProcessorTime::zero()) return {};
  loud_ = true;
  return whole(Real(-left_) / share_.cores);
}

bool Pace::loud(SteadyTime now) {
  if (!loud_) return false;
  fill(now);
  loud_ = left_ < share_.burst / 2;
  return loud_;
}

}  // namespace essaim::lane::internal
