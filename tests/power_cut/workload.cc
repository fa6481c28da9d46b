#include "workload.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>

#include "base/core/check.h"
#include "base/secrets/digest.h"
#include "features/files/change.h"
#include "features/files/places.h"
#include "features/files/quota.h"
#include "features/files/reach.h"
#include "features/files/trash.h"
#include "features/files/versions.h"
#include "space/journal/journal.h"

namespace essaim::power_cut {

using lane::Verdict;
using store::ReadTx;
using store::WriteTx;

SpaceId space_id(int space) {
  return {"aa0000000000000" + std::to_string(space)};
}

std::uint64_t Mark::pack() const {
  return static_cast<std::uint64_t>(kind) << 48 | static_cast<std::uint64_t>(space) << 40 |
         static_cast<std::uint64_t>(name) << 32 | static_cast<std::uint64_t>(change);
}

Mark Mark::unpack(std::uint64_t note) {
  return {static_cast<Kind>(note >> 48), static_cast<int>(note >> 40 & 0xff),
          static_cast<int>(note >> 32 & 0xff), static_cast<int>(note & 0xffffffff)};
}

void Promises::follow(const disk::Event& event) {
  if (event.kind != disk::Event::Kind::note) return;
  Mark mark = Mark::unpack(event.file);
  if (mark.kind == Mark::Kind::created) created[mark.space] = true;
  if (mark.kind == Mark::Kind::asked) asked[mark.space][mark.name] = mark.change;
  if (mark.kind == Mark::Kind::done) {
    int& latest = done[mark.space][mark.name];
    latest = std::max(latest, mark.change);
  }
}

std::string Promises::broken_by(const Found& found, int space, const History& history) const {
  if (!found.broken.empty()) return found.broken;
  if (!found.exists) return created[space] ? "the space is gone" : "";
  for (int name = 0; name < kNames; ++name) {
    const auto& versions = history.versions[space][name];
    bool allowed = false;
    for (int n = done[space][name]; n <= asked[space][name] && !allowed; ++n) {
      allowed = found.versions[name] == (n == 0 ? 0 : versions[static_cast<std::size_t>(n) - 1]);
    }
    if (!allowed) {
      return "file" + std::to_string(name) + " has version " +
             std::to_string(found.versions[name]) + ", acknowledged was change " +
             std::to_string(done[space][name]);
    }
  }
  return {};
}

namespace {

std::string file_name(int name) {
  return "file" + std::to_string(name);
}

// A content that says what it is: "file3 17 " over and over.
std::string content(int name, int version, std::size_t size) {
  std::string line = file_name(name) + " " + std::to_string(version) + " ";
  std::string text;
  while (text.size() < size) text += line;
  text.resize(std::max(size, line.size()));
  return text;
}

std::int64_t one(ReadTx& tx, sqlite::Sql sql) {
  auto rows = tx.query(sql);
  return rows.next() ? rows.int64(0) : 0;
}

// The one member of a space, and their files. Made by the first change.
struct Ground {
  access::Caller caller;
  access::Place place;
};

std::optional<Ground> ground_of(ReadTx& tx) {
  auto lea = members::find(tx, "lea");
  if (!lea || !lea->home) return std::nullopt;
  Ground ground;
  ground.caller = *access::caller_of(tx, lea->id);
  ground.place = *access::files_of(ground.caller, lea->uid);
  return ground;
}

Ground make_ground(WriteTx& tx) {
  if (auto there = ground_of(tx)) return *there;
  members::NewMember wanted;
  wanted.uid = wanted.display = "lea";
  wanted.password_hash = "x";
  auto lea = members::add(tx, wanted);
  CHECK(lea);
  CHECK(files::create_home(tx, *lea));
  wanted.uid = wanted.display = "marc";
  auto marc = members::add(tx, wanted);
  CHECK(marc);
  CHECK(files::create_home(tx, *marc));
  return *ground_of(tx);
}

std::optional<files::Node> find(ReadTx& tx, int name) {
  auto ground = ground_of(tx);
  if (!ground) return std::nullopt;
  auto node = files::find(tx, ground->caller, ground->place, {file_name(name)});
  if (!node) return std::nullopt;
  return *node;
}

// What is deleted goes to the bin; what is overwritten becomes a version.
void remove(WriteTx& tx, int name) {
  Ground ground = make_ground(tx);
  (void)files::remove(tx, ground.caller, ground.place, {file_name(name)});
}

// What somebody else has is taken back, what they have not is given to them.
void share(WriteTx& tx, NodeId node) {
  auto given = access::grants_on(tx, node);
  if (!given.empty()) {
    CHECK(files::take_back(tx, given.front().id));
    return;
  }
  auto marc = members::find(tx, "marc");
  access::Grantee who{access::Grantee::Kind::member, marc->id.value};
  CHECK(files::give(tx, node, who, access::kEdit, std::nullopt));
}

// Every second time the file has been in the bin and back before, every third time it has been what
// it was before.
void put(WriteTx& tx, blobs::Store& blobs, int name, const blobs::SpooledBlob& blob) {
  Ground ground = make_ground(tx);
  auto old = find(tx, name);
  if (old && old->seq % 2 == 0) {
    remove(tx, name);
    auto entries = files::list_bin(tx, ground.caller, ground.place);
    auto entry =
        std::ranges::find(*entries, old->id, [](const auto& each) { return each.node.id; });
    CHECK(entry != entries->end());
    CHECK(files::restore(tx, ground.caller, ground.place, {entry->bin_name}));
  }
  auto before = old ? files::versions(tx, old->id) : std::vector<files::Version>();
  if (!before.empty() && old->seq % 3 == 0) {
    CHECK(files::restore_version(tx, blobs, ground.caller, ground.place, old->id,
                                 before.front().mtime));
  }
  files::NewContent content{blob, {}, {}, {}};
  CHECK(files::put(tx, blobs, ground.caller, ground.place, {file_name(name)}, content));
  share(tx, find(tx, name)->id);
}

}  // namespace

// The answers of a burst, counted.
struct Workload::Pending {
  std::mutex mutex;
  std::condition_variable all_there;
  int waiting = 0;
  int succeeded = 0;
};

Workload::Workload(disk::FaultPlan& plan, sqlite::Engine& engine, const std::string& data)
    : plan_(plan), engine_(engine), layout_(data), blobs_(engine.disk(), layout_) {
  lane::Limits limits;
  limits.workers = 2;
  // Only the checkpoints we ask for, so that a run is the same every time.
  limits.checkpoint_idle = Duration(3'600'000);
  // A space that freezes answers `closed`, which no caller here takes for a success.
  lanes_ = std::make_unique<lane::Lanes>(engine, layout_, clock_, limits,
                                         [](const SpaceId&, const std::string&) {});
}

bool Workload::create(int space) {
  auto made = store::create(engine_, layout_, space_id(space), {"Voile", kGiB, clock_.now()},
                            disk::Durable::yes);
  if (made) plan_.note(Mark{Mark::Kind::created, space, 0, 0}.pack());
  if (!made) last_error_ = made.error().code;
  return made.has_value();
}

void Workload::submit(const Change& change, Pending& pending) {
  auto& versions = history_.versions[change.space][change.name];
  int number = static_cast<int>(versions.size()) + 1;
  versions.push_back(change.size == 0 ? 0 : number);
  plan_.note(Mark{Mark::Kind::asked, change.space, change.name, number}.pack());
  SpaceId space = space_id(change.space);
  // Shared by the write and its answer: the pin must outlive the turn.
  std::shared_ptr<blobs::SpooledBlob> blob;
  if (change.size > 0) {
    auto spool = blobs_.begin(space);
    std::string text = content(change.name, number, change.size);
    Result<void> spooled = (*spool)->write(std::as_bytes(std::span(text.data(), text.size())));
    if (spooled) spooled = (*spool)->finish();
    if (!spooled) {
      last_error_ = spooled.error().code;
      return;
    }
    blob = std::make_shared<blobs::SpooledBlob>((*spool)->take());
  }
  {
    std::lock_guard lock(pending.mutex);
    ++pending.waiting;
  }
  auto run = [this, change, blob](WriteTx& tx) {
    if (blob) {
      put(tx, blobs_, change.name, *blob);
    } else {
      remove(tx, change.name);
    }
    return Verdict::keep;
  };
  auto done = [this, change, number, blob, &pending](Result<void> fate) {
    if (fate) plan_.note(Mark{Mark::Kind::done, change.space, change.name, number}.pack());
    if (!fate) last_error_ = fate.error().code;
    std::lock_guard lock(pending.mutex);
    pending.succeeded += fate.has_value();
    if (--pending.waiting == 0) pending.all_there.notify_one();
  };
  lanes_->write(space, run, done);
}

int Workload::burst(const std::vector<Change>& changes) {
  Pending pending;
  for (const Change& change : changes) submit(change, pending);
  std::unique_lock lock(pending.mutex);
  pending.all_there.wait(lock, [&] { return pending.waiting == 0; });
  return pending.succeeded;
}

bool Workload::wait(const std::function<void(lane::TurnDone)>& begin) {
  std::promise<Result<void>> fate;
  begin([&](Result<void> answer) { fate.set_value(std::move(answer)); });
  auto answer = fate.get_future().get();
  if (!answer) last_error_ = answer.error().code;
  return answer.has_value();
}

bool Workload::checkpoint(int space) {
  return wait([&](lane::TurnDone done) {
    lanes_->maintain(
        space_id(space), [](store::Space& open) { return open.checkpoint(); }, std::move(done));
  });
}

bool Workload::close(int space) {
  return wait([&](lane::TurnDone done) { lanes_->close(space_id(space), std::move(done)); });
}

bool Workload::sweep(int space, Duration age) {
  clock_.advance(age);
  return wait([&](lane::TurnDone done) {
    lanes_->write(
        space_id(space),
        [&](WriteTx& tx) {
          files::expire_bins(tx, age / 2, 2);
          files::thin_versions(tx, blobs_, {}, 100);
          files::purge(tx, blobs_, 100);
          return blobs_.sweep(tx, Duration(0), 100) ? Verdict::keep : Verdict::undo;
        },
        std::move(done));
  });
}

bool Workload::readable(int space) {
  return wait([&](lane::TurnDone done) {
    lanes_->read(
        space_id(space), [](ReadTx& tx) { one(tx, "SELECT count(*) FROM node"); }, std::move(done));
  });
}

namespace {

// Everything that must hold between the rows of a space, as a sentence about what does not.
std::string look_at_rows(ReadTx& tx, blobs::Store& blobs) {
  if (auto lost = blobs.missing(tx, 1); !lost || !lost->empty()) {
    return lost ? "row without blob: " + lost->front() : lost.error().detail;
  }
  if (one(tx,
          "SELECT count(*) FROM blob WHERE refs<>"
          " (SELECT count(*) FROM node WHERE node.blob=blob.hash)"
          " + (SELECT count(*) FROM version WHERE version.blob=blob.hash)") != 0) {
    return "references are counted wrong";
  }
  if (one(tx, "SELECT count(*) FROM node WHERE kind=2 AND blob NOT IN (SELECT hash FROM blob)") !=
      0) {
    return "node without blob";
  }
  if (auto wrong = files::recount(tx); !wrong.empty()) return wrong.front();
  if (auto wrong = files::check_reach(tx); !wrong.empty()) return wrong.front();
  Seq last = journal::last(tx);
  if (one(tx, "SELECT seq FROM node WHERE id=1") != last) return "etag of the root is wrong";
  if (one(tx, "SELECT count(*) FROM node_log") != last - 1) return "journal has a gap";
  return {};
}

std::string read_all(const blobs::Content& content) {
  if (!content.file) return content.inline_bytes;
  std::string text(static_cast<std::size_t>(content.size), '\0');
  ssize_t got = ::pread(content.file.get(), text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

void look_at_files(ReadTx& tx, blobs::Store& blobs, Found& found) {
  for (int name = 0; name < kNames && found.broken.empty(); ++name) {
    auto node = find(tx, name);
    if (!node) continue;
    auto content = blobs.open(tx, node->blob);
    if (!content) {
      found.broken = content.error().detail;
      return;
    }
    std::string text = read_all(*content);
    std::string expected = file_name(name) + " ";
    if (!text.starts_with(expected) || secrets::sha256_hex(text) != node->blob) {
      found.broken = "content of " + file_name(name) + " is wrong";
      return;
    }
    found.versions[name] = std::atoi(text.c_str() + expected.size());
  }
}

}  // namespace

Found inspect(sqlite::Engine& engine, const std::string& data, int space) {
  Found found;
  store::Layout layout(data);
  SpaceId id = space_id(space);
  found.exists = engine.disk().exists(layout.folder(id));
  if (!found.exists) return found;
  auto open = store::Space::open(engine, layout, id);
  if (!open) {
    found.broken = open.error().detail;
    return found;
  }
  try {
    if (auto whole = (*open)->quick_check(); !whole) {
      found.broken = whole.error().detail;
      return found;
    }
    blobs::Store blobs(engine.disk(), layout);
    ReadTx tx((*open)->database(), (*open)->facts(), Instant{});
    found.broken = look_at_rows(tx, blobs);
    if (found.broken.empty()) look_at_files(tx, blobs, found);
  } catch (const sqlite::Failure& failure) {
    found.broken = failure.what();
  }
  return found;
}

std::string go_on(sqlite::Engine& engine, const std::string& data, int space) {
  store::Layout layout(data);
  {
    auto open = store::Space::open(engine, layout, space_id(space));
    if (!open) return open.error().detail;
    if (auto ready = (*open)->prepare_write(); !ready) return ready.error().detail;
    blobs::Store blobs(engine.disk(), layout);
    auto spool = blobs.begin(space_id(space));
    std::string text = content(0, 1'000'000, 20'000);
    Result<void> spooled = (*spool)->write(std::as_bytes(std::span(text.data(), text.size())));
    if (spooled) spooled = (*spool)->finish();
    if (!spooled) return spooled.error().detail;
    auto blob = (*spool)->take();
    auto& db = (*open)->database();
    try {
      db.execute("BEGIN IMMEDIATE");
      WriteTx tx(db, (*open)->facts(), Instant{1});
      put(tx, blobs, 0, blob);
      db.execute("COMMIT");
    } catch (const sqlite::Failure& failure) {
      return failure.what();
    }
    if (auto closed = (*open)->checkpoint_and_truncate(); !closed) return closed.error().detail;
  }
  Found again = inspect(engine, data, space);
  if (!again.broken.empty()) return again.broken;
  return again.versions[0] == 1'000'000 ? "" : "what was written afterwards is not there";
}

}  // namespace essaim::power_cut
