// A server with next to no application, for load generators:
//
//   http_server_http_server_bench <port> [<loops> [<body workers>]]
//
//   GET /small   13 bytes, answered in place
//   GET /worker  the same, answered from another thread as a real handler is
//   GET /file    100 MiB by sendfile
//   GET /source  100 MiB pulled from a source, chunked
//   PUT /...     any size, thrown away
// It ends when standard input does, and then prints what it cost.
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "platform/http_server/server.h"
#include "platform/loop/workers.h"

namespace essaim::http_server {
namespace {

constexpr ByteCount kFileSize = 100 * kMiB;
constexpr std::size_t kPiece = 64 * 1024;

class Nowhere final : public http::BodySink {
 public:
  Result<void> write(std::span<const std::byte>) override { return {}; }
  Result<void> finish() override { return {}; }
};

class Endless final : public http::Source {
 public:
  Result<std::string> next() override {
    if (left_ == 0) return std::string();
    left_ -= static_cast<ByteCount>(kPiece);
    return std::string(kPiece, 'x');
  }

 private:
  ByteCount left_ = kFileSize;
};

class BenchApplication final : public Application {
 public:
  BenchApplication() : file_(memfd_create("bench", MFD_CLOEXEC)), workers_(2, "app") {
    std::string piece(static_cast<std::size_t>(kMiB), 'x');
    for (ByteCount done = 0; done < kFileSize; done += kMiB) {
      if (write(file_.get(), piece.data(), piece.size()) < 0) std::abort();
    }
  }

  void admit(const http::RequestHead& head, Done<Admission> done) override {
    Admission admission;
    if (head.method == "PUT") {
      admission.sink = std::make_unique<Nowhere>();
      admission.body_max = 1024 * kGiB;
    }
    done(std::move(admission));
  }

  void handle(http::Request request, Done<http::Response> done) override {
    http::Response response;
    const std::string& path = request.head.path;
    if (request.head.method == "PUT") {
      response.status = 204;
    } else if (path == "/file") {
      response.body = http::FileRange{UniqueFd(dup(file_.get())), 0, kFileSize};
    } else if (path == "/source") {
      response.body = std::make_unique<Endless>();
    } else {
      response.headers.add("Content-Type", "text/plain");
      response.body = "Hello, World!";
    }
    if (path != "/worker") {
      done(std::move(response));
      return;
    }
    workers_.run("", [done = std::move(done), response = std::move(response)]() mutable {
      done(std::move(response));
    });
  }

  void finished(const http::RequestHead&, int, ByteCount, std::chrono::microseconds) override {}

 private:
  UniqueFd file_;
  loop::Workers workers_;
};

int run(int argc, char** argv) {
  BenchApplication application;
  Options options;
  options.listen.push_back({"127.0.0.1:" + std::string(argc > 1 ? argv[1] : "0"), &application});
  if (argc > 2) options.loops = std::atoi(argv[2]);
  if (argc > 3) options.body_workers = std::atoi(argv[3]);
  auto server = Server::start(std::move(options));
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().detail.c_str());
    return 1;
  }
  std::printf("%s\n", (*server)->addresses().at(0).c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) continue;
  auto counters = (*server)->counters();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto ms = [](const timeval& time) { return time.tv_sec * 1000 + time.tv_usec / 1000; };
  std::printf("requests %lld, cpu_ms user %ld system %ld, peak_rss_kib %ld\n",
              static_cast<long long>(counters.requests), ms(usage.ru_utime), ms(usage.ru_stime),
              usage.ru_maxrss);
  return 0;
}

}  // namespace
}  // namespace essaim::http_server

int main(int argc, char** argv) {
  return essaim::http_server::run(argc, argv);
}
