#include "server/door/door.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/log/log.h"

namespace essaim::door {

namespace {

http::Response busy() {
  return fleet_api::refusal(Error{Code::busy, "too many commands at once, try again"});
}

}  // namespace

struct Door::Impl {
  using Job = std::move_only_function<void()>;

  Impl(fleet_api::Api& a, Limits l) : api(a), limits(l) {
    for (int i = 0; i < limits.workers; ++i) threads.emplace_back([this] { run(); });
  }
  ~Impl() {
    {
      std::lock_guard guard(lock);
      stopping = true;
    }
    changed.notify_all();
    for (auto& thread : threads) thread.join();
  }

  // False when the queue is full.
  bool post(Job& job) {
    {
      std::lock_guard guard(lock);
      if (std::cmp_greater_equal(jobs.size(), limits.queue_max)) return false;
      jobs.push_back(std::move(job));
    }
    changed.notify_one();
    return true;
  }

  void run() {
    std::unique_lock guard(lock);
    while (true) {
      changed.wait(guard, [&] { return stopping || !jobs.empty(); });
      if (jobs.empty()) return;
      auto job = std::move(jobs.front());
      jobs.pop_front();
      guard.unlock();
      job();
      job = nullptr;
      guard.lock();
    }
  }

  fleet_api::Api& api;
  Limits limits;
  std::mutex lock;
  std::condition_variable changed;
  std::deque<Job> jobs;
  bool stopping = false;
  std::vector<std::thread> threads;
};

Door::Door(fleet_api::Api& api, Limits limits) : impl_(std::make_unique<Impl>(api, limits)) {}

Door::~Door() = default;

void Door::admit(const http::RequestHead& head, Done<http_server::Admission> done) {
  // Shared, because a job that is not taken leaves `done` to us.
  auto answer = std::make_shared<Done<http_server::Admission>>(std::move(done));
  Impl::Job job = [this, &head, answer] {
    http_server::Admission admission;
    try {
      auto intake = impl_->api.intake(head);
      if (intake) {
        admission.always_sink = intake->sink != nullptr;
        admission.sink = std::move(intake->sink);
        admission.body_max = intake->body_max;
      } else {
        admission.refusal = fleet_api::refusal(intake.error());
      }
    } catch (const std::exception& bug) {
      log::error("operator_failed", {{"reason", bug.what()}});
      admission.refusal = fleet_api::refusal(Error{Code::internal, ""});
    }
    (*answer)(std::move(admission));
  };
  if (impl_->post(job)) return;
  http_server::Admission refused;
  refused.refusal = busy();
  (*answer)(std::move(refused));
}

void Door::handle(http::Request request, Done<http::Response> done) {
  auto answer = std::make_shared<Done<http::Response>>(std::move(done));
  Impl::Job job = [this, answer, request = std::move(request)]() mutable {
    // The request, and what it brought in, is gone before the client hears of it.
    auto response = impl_->api.answer(std::move(request));
    (*answer)(std::move(response));
  };
  if (!impl_->post(job)) (*answer)(busy());
}

void Door::finished(const http::RequestHead& head, int status, ByteCount sent,
                    std::chrono::microseconds took) {
  if (head.method == "GET" && head.path == "/metrics") return;
  log::info("operator", {{"id", head.request_id},
                         {"method", head.method},
                         {"path", head.path},
                         {"status", status},
                         {"bytes", sent},
                         {"ms", took.count() / 1000}});
}

}  // namespace essaim::door
