// A few threads that run functions in the order given: for work that may wait on the disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace essaim::loop {

class Workers {
 public:
  // `name` is shown by ps.
  Workers(int threads, const std::string& name);
  // Calls finish().
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Any thread. The queue has no limit of its own: a caller has a bounded number of jobs under way
  // (the HTTP server: two per connection). An exception out of a job is logged. After finish() the
  // job runs in place.
  void run(std::move_only_function<void()> job);
  // Runs what is queued, then ends the threads.
  void finish();

 private:
  void work(const std::string& name);

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::move_only_function<void()>> jobs_;
  bool finished_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace essaim::loop
