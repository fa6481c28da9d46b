// A few threads that run functions: for work that may wait on the disk, or takes long.
//
// Jobs belong to groups (a space, a host). Groups take turns, one job each; the jobs of one group
// begin in the order given. So a group with a thousand jobs delays another by one job, not by a
// thousand.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace essaim::loop {

// What the jobs of one group, and all of them, may take. Without limits a caller bounds its jobs
// itself (the HTTP server: two per connection).
struct Shares {
  int running_of_one = std::numeric_limits<int>::max();
  std::size_t waiting_of_one = std::numeric_limits<std::size_t>::max();
  std::size_t waiting_of_all = std::numeric_limits<std::size_t>::max();
};

class Workers {
 public:
  // `name` is shown by ps.
  Workers(int threads, const std::string& name, Shares shares = {});
  // Calls finish().
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Any thread. False when as many wait as may: the job is then dropped, not run. An exception out
  // of a job is logged. After finish() the job runs in place.
  bool run(std::string_view group, std::move_only_function<void()> job);
  // Runs what is queued, then ends the threads.
  void finish();

 private:
  using Job = std::move_only_function<void()>;
  struct Group {
    std::deque<Job> waiting;
    int running = 0;
    bool in_turn = false;  // named in turns_
  };

  void work(const std::string& name);
  // With the mutex.
  bool may_end() const { return finished_ && waiting_ == 0; }
  void take_turn(const std::string& name, Group& group);
  void leave(const std::string& name);

  const Shares shares_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::unordered_map<std::string, Group> groups_;  // those with a job
  std::deque<std::string> turns_;                  // groups that may begin a job, each once
  std::size_t waiting_ = 0;
  bool finished_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace essaim::loop
