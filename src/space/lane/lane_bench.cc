// Durable PUTs of 1 KiB through the lane, beside a bare SQLite loop that runs the same statements
// on the same disk; spaces created, opened, held open.
//   lane_lane_bench [folder] [spaces]      defaults: a folder under /var/tmp, 2000
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/core/check.h"
#include "base/secrets/digest.h"
#include "base/secrets/secrets.h"
#include "space/blobs/blobs.h"
#include "space/journal/journal.h"
#include "space/lane/lanes.h"

namespace essaim {
namespace {

using lane::Verdict;
using store::WriteTx;

constexpr int kDepth = 6;  // folders above a file
constexpr int kInFlight = 16;
constexpr auto kTime = std::chrono::seconds(3);  // of one measurement

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double cpu_seconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  auto seconds = [](timeval t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  long pages = 0;
  statm >> pages >> pages;
  return static_cast<double>(pages) * 4096 / static_cast<double>(kMiB);
}

SpaceId space_id(int n) {
  char text[17];
  std::snprintf(text, sizeof text, "%02x%014d", n % 256, n);
  return {text};
}

std::string body(std::int64_t n) {
  std::string text = "file " + std::to_string(n) + " ";
  text.resize(1024, 'x');
  return text;
}

// A chain of folders: node 101 under the root, 102 under it, and so on.
constexpr sqlite::Sql kFolders = R"sql(
INSERT INTO node(id, parent_id, name, kind, mtime, seq, own_seq)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 6)
  SELECT 100+i, CASE i WHEN 1 THEN 1 ELSE 99+i END, 'folder', 1, 0, 1, 1 FROM n;
INSERT INTO usage(place, bytes, files) VALUES (1, 0, 0);
)sql";

constexpr sqlite::Sql kNode =
    "INSERT INTO node(parent_id, name, kind, size, mtime, seq, own_seq, blob)"
    " VALUES (106, ?, 2, ?, 0, ?, ?, ?)";
constexpr sqlite::Sql kAbove =
    "UPDATE node SET seq=?, size=size+?, files=files+1 WHERE id IN (1,101,102,103,104,105,106)";
constexpr sqlite::Sql kUsage = "UPDATE usage SET bytes=bytes+?, files=files+1 WHERE place=1";

void put(WriteTx& tx, blobs::Store& blobs, const blobs::SpooledBlob& blob, std::int64_t n) {
  blobs.add_ref(tx, blob);
  Seq seq = journal::append(tx, NodeId{n}, journal::Op::created);
  tx.execute(kNode, std::to_string(n), blob.size(), seq, seq, blob.sha256());
  tx.execute(kAbove, seq, blob.size());
  tx.execute(kUsage, blob.size());
}

struct Rate {
  double puts_per_s = 0;
  double cpu_ms = 0;  // per PUT, all threads
};

void print(const char* what, const Rate& rate, const Rate* beside) {
  std::printf("%-58s %8.0f /s  %6.3f ms CPU", what, rate.puts_per_s, rate.cpu_ms);
  if (beside) std::printf("   %4.0f %% of bare", 100 * rate.puts_per_s / beside->puts_per_s);
  std::printf("\n");
  std::fflush(stdout);
}

// Runs `work` until the time is over; it returns how many PUTs it did.
Rate measure(const std::function<std::int64_t(const std::atomic<bool>&)>& work) {
  std::atomic<bool> over = false;
  std::thread timer([&] {
    std::this_thread::sleep_for(kTime);
    over = true;
  });
  double cpu = cpu_seconds();
  auto began = std::chrono::steady_clock::now();
  auto puts = static_cast<double>(work(over));
  double took = seconds_since(began);
  cpu = cpu_seconds() - cpu;
  timer.join();
  return {puts / took, 1'000 * cpu / puts};
}

// The reference: SQLite's own functions, statements prepared once, nothing else.
class Bare {
 public:
  explicit Bare(const std::string& path) {
    CHECK(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                          nullptr) == SQLITE_OK);
    run("PRAGMA locking_mode=EXCLUSIVE");
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("PRAGMA foreign_keys=ON");
    run("PRAGMA cache_size=-2000");
    run("PRAGMA wal_autocheckpoint=1000");
    blob_ = prepare(
        "INSERT INTO blob(hash, size, refs, crc32, place) VALUES (?, ?, 1, 0, 0)"
        " ON CONFLICT(hash) DO UPDATE SET refs=refs+1, zero_at=NULL RETURNING id");
    inline_ = prepare("INSERT OR REPLACE INTO blob_inline(blob_id, data) VALUES (?, ?)");
    seq_ = prepare("UPDATE meta SET value=value+1 WHERE key='seq' RETURNING value");
    log_ = prepare("INSERT INTO node_log(seq, node_id, op, at) VALUES (?, ?, 1, 0)");
    node_ = prepare(kNode.text());
    above_ = prepare(kAbove.text());
    usage_ = prepare(kUsage.text());
  }
  ~Bare() {
    for (auto* statement : {blob_, inline_, seq_, log_, node_, above_, usage_}) {
      sqlite3_finalize(statement);
    }
    sqlite3_close(db_);
  }
  void run(const char* sql) {
    CHECK(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  void put(std::int64_t n) {
    std::string text = body(n);
    std::string hash = secrets::sha256_hex(text);
    auto size = static_cast<std::int64_t>(text.size());
    bind(blob_, 1, hash);
    sqlite3_bind_int64(blob_, 2, size);
    sqlite3_bind_int64(inline_, 1, step(blob_));
    sqlite3_bind_blob(inline_, 2, text.data(), static_cast<int>(size), SQLITE_STATIC);
    step(inline_);
    std::int64_t seq = step(seq_);
    sqlite3_bind_int64(log_, 1, seq);
    sqlite3_bind_int64(log_, 2, n);
    step(log_);
    std::string name = std::to_string(n);
    bind(node_, 1, name);
    sqlite3_bind_int64(node_, 2, size);
    sqlite3_bind_int64(node_, 3, seq);
    sqlite3_bind_int64(node_, 4, seq);
    bind(node_, 5, hash);
    step(node_);
    sqlite3_bind_int64(above_, 1, seq);
    sqlite3_bind_int64(above_, 2, size);
    step(above_);
    sqlite3_bind_int64(usage_, 1, size);
    step(usage_);
  }

 private:
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    CHECK(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK);
    return statement;
  }
  static void bind(sqlite3_stmt* statement, int at, const std::string& text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  static std::int64_t step(sqlite3_stmt* statement) {
    std::int64_t first = 0;
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
      first = sqlite3_column_int64(statement, 0);
      code = sqlite3_step(statement);
    }
    CHECK(code == SQLITE_DONE);
    sqlite3_reset(statement);
    return first;
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt *blob_, *inline_, *seq_, *log_, *node_, *above_, *usage_;
};

class LaneBench {
 public:
  explicit LaneBench(const std::string& folder)
      : layout_(folder), blobs_(engine_->disk(), layout_) {}

  std::vector<SpaceId> make_spaces(int first, int count) {
    std::vector<SpaceId> ids;
    for (int n = first; n < first + count; ++n) {
      ids.push_back(space_id(n));
      CHECK(store::create(*engine_, layout_, ids.back(), {"Voile", kGiB, {}}, disk::Durable::no));
      auto space = store::Space::open(*engine_, layout_, ids.back());
      (*space)->database().script(kFolders);
      CHECK((*space)->checkpoint_and_truncate());
    }
    return ids;
  }

  Rate bare(const SpaceId& id, int group) {
    Bare db(layout_.database(id));
    return measure([&](const std::atomic<bool>& over) {
      std::int64_t puts = 0;
      while (!over) {
        db.run("BEGIN IMMEDIATE");
        for (int i = 0; i < group; ++i) db.put(++puts);
        db.run("COMMIT");
      }
      return puts;
    });
  }

  // One thread per database, one PUT per commit: the file system makes the groups.
  Rate bare_many(const std::vector<SpaceId>& ids) {
    return measure([&](const std::atomic<bool>& over) {
      std::atomic<std::int64_t> puts = 0;
      std::vector<std::thread> threads;
      for (const SpaceId& id : ids) {
        threads.emplace_back([&, id] {
          Bare db(layout_.database(id));
          std::int64_t mine = 0;
          while (!over) {
            db.run("BEGIN IMMEDIATE");
            db.put(++mine);
            db.run("COMMIT");
          }
          puts += mine;
        });
      }
      for (auto& thread : threads) thread.join();
      return puts.load();
    });
  }

  // `in_flight` PUTs of each space are always waiting: each answer sends the next one.
  Rate lanes(const std::vector<SpaceId>& ids, int in_flight, int workers) {
    lane::Limits limits;
    limits.workers = workers;
    lane::Lanes lanes(*engine_, layout_, clock_, limits,
                      [](const SpaceId&, const std::string&) { std::abort(); });
    auto rate = measure([&](const std::atomic<bool>& over) {
      Flight flight{lanes, over};
      for (const SpaceId& id : ids) {
        for (int i = 0; i < in_flight; ++i) send(flight, id);
      }
      std::unique_lock lock(flight.mutex);
      flight.landed.wait(lock, [&] { return flight.waiting == 0; });
      return flight.puts.load();
    });
    auto counters = lanes.counters();
    std::printf("    %d workers: %.1f PUTs per commit\n", workers,
                static_cast<double>(counters.writes) / static_cast<double>(counters.commits));
    return rate;
  }

  // The same, each client a thread that waits for its answer.
  Rate threads(const std::vector<SpaceId>& ids, int in_flight, int workers) {
    lane::Limits limits;
    limits.workers = workers;
    lane::Lanes lanes(*engine_, layout_, clock_, limits,
                      [](const SpaceId&, const std::string&) { std::abort(); });
    return measure([&](const std::atomic<bool>& over) {
      std::atomic<std::int64_t> puts = 0;
      std::vector<std::thread> clients;
      for (const SpaceId& id : ids) {
        for (int i = 0; i < in_flight; ++i) {
          clients.emplace_back([&, id] {
            while (!over) {
              wait_for_put(lanes, id);
              ++puts;
            }
          });
        }
      }
      for (auto& client : clients) client.join();
      return puts.load();
    });
  }

  void create_many(int count);
  void open_many(const std::vector<SpaceId>& ids);
  const store::Layout& layout() const { return layout_; }

 private:
  struct Flight {
    lane::Lanes& lanes;
    const std::atomic<bool>& over;
    std::atomic<std::int64_t> puts = 0;
    std::mutex mutex{};
    std::condition_variable landed{};
    int waiting = 0;
  };

  std::shared_ptr<blobs::SpooledBlob> spool(const SpaceId& id, std::int64_t n) {
    auto spool = blobs_.begin(id);
    std::string text = body(n);
    CHECK((*spool)->write(std::as_bytes(std::span(text.data(), text.size()))));
    CHECK((*spool)->finish());
    return std::make_shared<blobs::SpooledBlob>((*spool)->take());
  }

  void send(Flight& flight, const SpaceId& id) {
    {
      std::lock_guard lock(flight.mutex);
      ++flight.waiting;
    }
    std::int64_t n = ++number_;
    auto blob = spool(id, n);
    flight.lanes.write(
        id,
        [this, blob, n](WriteTx& tx) {
          put(tx, blobs_, *blob, n);
          return Verdict::keep;
        },
        [this, &flight, id, blob](Result<void> fate) {
          CHECK(fate);
          ++flight.puts;
          if (!flight.over) send(flight, id);
          std::lock_guard lock(flight.mutex);
          if (--flight.waiting == 0) flight.landed.notify_one();
        });
  }

  void wait_for_put(lane::Lanes& lanes, const SpaceId& id) {
    std::int64_t n = ++number_;
    auto blob = spool(id, n);
    std::mutex mutex;
    std::condition_variable answered;
    bool there = false;
    lanes.write(
        id,
        [&](WriteTx& tx) {
          put(tx, blobs_, *blob, n);
          return Verdict::keep;
        },
        [&](Result<void> fate) {
          CHECK(fate);
          std::lock_guard lock(mutex);
          there = true;
          answered.notify_one();
        });
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return there; });
  }

  std::unique_ptr<sqlite::Engine> engine_ = sqlite::local_engine();
  const store::Layout layout_;
  SystemClock clock_;
  blobs::Store blobs_;
  std::atomic<std::int64_t> number_ = 1'000'000;
};

void LaneBench::create_many(int count) {
  std::string bare = layout_.data() + "/bare";
  auto image = *store::template_image();
  auto& disk = engine_->disk();
  auto began = std::chrono::steady_clock::now();
  for (int n = 0; n < count; ++n) {
    std::string folder = bare + "/" + std::to_string(n % 256) + "/" + std::to_string(n);
    std::filesystem::create_directories(folder);
    CHECK(engine_->create(folder + "/main.db", image, disk::Durable::no));
  }
  CHECK(disk.sync_file_system(bare));
  double reference = seconds_since(began);
  double cpu = cpu_seconds();
  began = std::chrono::steady_clock::now();
  for (int n = 0; n < count; ++n) {
    CHECK(store::create(*engine_, layout_, space_id(n), {"Voile", kGiB, {}}, disk::Durable::no));
  }
  CHECK(disk.sync_file_system(bare));
  double took = seconds_since(began);
  cpu = cpu_seconds() - cpu;
  std::printf("%-58s %8.2f s   %6.3f ms CPU each; bare template copies %.2f s (%zu KiB)\n",
              ("create " + std::to_string(count) + " spaces in bulk").c_str(), took,
              1'000 * cpu / count, reference, image.size() / 1024);
  began = std::chrono::steady_clock::now();
  constexpr int single = 50;
  for (int n = count; n < count + single; ++n) {
    CHECK(store::create(*engine_, layout_, space_id(n), {"Voile", kGiB, {}}, disk::Durable::yes));
  }
  std::printf("%-58s %8.2f ms\n", "create one space, durable",
              1'000 * seconds_since(began) / single);
  std::filesystem::remove_all(bare);
}

void LaneBench::open_many(const std::vector<SpaceId>& ids) {
  lane::Limits limits;
  limits.open_max = static_cast<int>(ids.size()) + limits.workers;
  lane::Lanes lanes(*engine_, layout_, clock_, limits,
                    [](const SpaceId&, const std::string&) { std::abort(); });
  double before = resident_mib();
  auto read_all = [&](const char* what) {
    std::mutex mutex;
    std::condition_variable all;
    std::size_t waiting = ids.size();
    auto began = std::chrono::steady_clock::now();
    double cpu = cpu_seconds();
    for (const SpaceId& id : ids) {
      lanes.read(
          id,
          [](store::ReadTx& tx) {
            auto rows =
                tx.query("SELECT id, name, size FROM node WHERE parent_id=? ORDER BY name", 1);
            while (rows.next()) {
            }
          },
          [&](Result<void> fate) {
            CHECK(fate);
            std::lock_guard lock(mutex);
            if (--waiting == 0) all.notify_one();
          });
    }
    std::unique_lock lock(mutex);
    all.wait(lock, [&] { return waiting == 0; });
    auto count = static_cast<double>(ids.size());
    std::printf("%-58s %8.3f ms each, %6.3f ms CPU\n", what, 1'000 * seconds_since(began) / count,
                1'000 * (cpu_seconds() - cpu) / count);
  };
  read_all("open a space and list its root, all at once");
  double open = resident_mib() - before;
  read_all("list the root of an open space");
  std::printf("%-58s %8.1f KiB each, %.0f MiB for %zu\n", "memory of an open space",
              1024 * open / static_cast<double>(ids.size()), open, ids.size());
}

int run(const std::string& folder, int spaces) {
  secrets::initialize();
  std::filesystem::create_directories(folder);
  {
    LaneBench bench(folder);
    std::printf("folder %s, %u cores\n", folder.c_str(), std::thread::hardware_concurrency());
    auto one = bench.make_spaces(100'000, 4);
    Rate alone = bench.bare(one[0], 1);
    Rate grouped = bench.bare(one[1], kInFlight);
    print("bare SQLite, 1 PUT per commit", alone, nullptr);
    print("bare SQLite, 16 PUTs per commit", grouped, nullptr);
    Rate lane = bench.lanes({one[2]}, kInFlight, lane::Limits{}.workers);
    print("lane, one space, 16 in flight", lane, &grouped);
    Rate clients = bench.threads({one[3]}, kInFlight, lane::Limits{}.workers);
    print("lane, one space, 16 client threads", clients, &grouped);

    auto many = bench.make_spaces(200'000, 64);
    Rate reference = bench.bare_many(many);
    print("bare SQLite, 64 files, a thread each", reference, nullptr);
    for (int workers : {4, 16, lane::Limits{}.workers}) {
      Rate rate = bench.lanes(many, 1, workers);
      print("lanes, 64 spaces, 1 in flight each", rate, &reference);
    }
    bench.create_many(spaces);
    std::vector<SpaceId> ids;
    for (int n = 0; n < std::min(spaces, 2'000); ++n) ids.push_back(space_id(n));
    bench.open_many(ids);
  }
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace essaim

int main(int argc, char** argv) {
  std::string folder = argc > 1 ? argv[1] : "/var/tmp/essaim-bench-" + std::to_string(::getpid());
  return essaim::run(folder, argc > 2 ? std::atoi(argv[2]) : 2'000);
}
