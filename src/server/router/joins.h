// The few threads that join the chunks of uploads, and which transfers they are at: the same one is
// never joined twice at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace essaim::router {

inline constexpr int kJoinsAtOnce = 2;
inline constexpr std::size_t kJoinsWaitingMax = 64;

class Joins {
 public:
  Joins();
  // Finishes what is queued.
  ~Joins();
  enum class Started : unsigned char { yes, already, full };
  // Runs `job` on one of the threads unless `transfer` is being joined or too many wait. The job
  // ends with finished(transfer).
  Started start(const std::string& transfer, std::move_only_function<void()> job);
  void finished(const std::string& transfer);

 private:
  void work();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> jobs_;
  std::set<std::string> running_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace essaim::router
