#include "features/fleet/import.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/log/log.h"
#include "base/secrets/secrets.h"
#include "features/fleet/internal/fleet_impl.h"
#include "features/fleet/internal/schema.h"
#include "features/fleet/internal/tar.h"
#include "features/fleet/names.h"

namespace essaim::fleet {

namespace {

// Hands pieces from the thread that receives them to the one that reads the tar: one at a time, so
// that the sender is slowed down to the pace of the disk.
class Handover {
 public:
  // Waits until the reader has taken the piece, or has stopped reading.
  void give(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    std::unique_lock guard(lock_);
    piece_ = bytes;
    given_ = true;
    changed_.notify_all();
    changed_.wait(guard, [&] { return !given_ || stopped_; });
    given_ = false;
  }
  // Nothing more comes: the body has ended, or was cut.
  void end(bool complete) {
    std::lock_guard guard(lock_);
    ended_ = true;
    complete_ = complete;
    changed_.notify_all();
  }
  // For the reader. The piece before goes back to its owner now.
  Result<std::span<const std::byte>> take() {
    std::unique_lock guard(lock_);
    if (lent_) {
      lent_ = false;
      given_ = false;
      changed_.notify_all();
    }
    changed_.wait(guard, [&] { return given_ || ended_; });
    if (given_) {
      lent_ = true;
      return piece_;
    }
    if (!complete_) return fail(Code::bad_request, "the copy was cut off on its way here");
    return std::span<const std::byte>();
  }
  // For the reader: what still comes is dropped.
  void stop() {
    std::lock_guard guard(lock_);
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  std::span<const std::byte> piece_;
  bool given_ = false;
  bool lent_ = false;
  bool ended_ = false;
  bool complete_ = false;
  bool stopped_ = false;
};

// Writes the parts of the tar below a folder that looks like a data folder of its own, so that the
// space in it can be opened and checked where it is.
class Receiver final : public internal::TarVisitor {
 public:
  Receiver(sqlite::Engine& engine, const store::Layout& incoming)
      : disk_(engine.disk()), incoming_(incoming) {}

  const internal::Manifest& what() const { return manifest_; }

  Result<void> manifest(const internal::Manifest& manifest) override {
    manifest_ = manifest;
    if (manifest.schema_version > store::schema_version()) {
      return fail(Code::unsupported, "the copy was made by a newer release");
    }
    TRY_VOID(disk_.make_folders(incoming_.blobs(manifest.id), disk::Disk::Durable::no));
    return disk_.make_folders(incoming_.tmp(manifest.id), disk::Disk::Durable::no);
  }
  Result<void> begin_database() override {
    file_ = TRY(disk_.create(incoming_.folder(manifest_.id)));
    path_ = incoming_.database(manifest_.id);
    return {};
  }
  Result<void> begin_blob(const std::string& sha256, ByteCount) override {
    auto folder = incoming_.blobs(manifest_.id) + "/" + sha256.substr(0, 2);
    TRY_VOID(disk_.make_folders(folder, disk::Disk::Durable::no));
    path_ = folder + "/" + sha256;
    if (disk_.exists(path_)) return fail(Code::bad_request, "a file comes twice");
    file_ = TRY(disk_.create(folder));
    return {};
  }
  Result<void> append(std::span<const std::byte> bytes) override { return file_->append(bytes); }
  Result<void> end_database() override { return publish(); }
  Result<void> end_blob() override { return publish(); }

 private:
  // Not durable one by one: one sync of the file system ends the import.
  Result<void> publish() {
    auto file = std::move(file_);
    return file->publish(path_, disk::Disk::Durable::no);
  }

  disk::Disk& disk_;
  const store::Layout& incoming_;
  internal::Manifest manifest_;
  std::unique_ptr<disk::NewFile> file_;
  std::string path_;
};

}  // namespace

struct Import::Impl {
  Impl(Fleet& f, std::string slug, internal::StagingFolder s)
      : fleet(f),
        as(std::move(slug)),
        staged(std::move(s)),
        incoming(staged.path()),
        receiver(fleet.parts_.engine, incoming),
        reader([this] { run(); }) {}
  ~Impl() { end(false); }

  // The root of the reader's thread: nothing gets past it.
  void run() {
    try {
      auto done = internal::read_tar([this] { return handover.take(); }, receiver);
      if (!done) error = std::move(done.error());
    } catch (const std::exception& bug) {
      log::error("import_failed", {{"reason", bug.what()}});
      error = Error{Code::internal, ""};
    }
    handover.stop();
  }
  // Waits until the reader has come to its end.
  void end(bool complete) {
    handover.end(complete);
    if (reader.joinable()) reader.join();
  }

  Result<void> check_received(const SpaceId& id) const;
  Result<void> renew(const SpaceId& id, const store::Renewal& floors) const;
  Result<Committed> bring_in(SpaceId id, const std::string& slug, Outcome outcome);
  Result<Committed> restore(const SpaceRecord& live);
  Result<void> replace(const SpaceRecord& live);
  void put_back(const std::string& aside, const std::string& target);
  store::Renewal live_counters(const SpaceRecord& live) const;

  Fleet& fleet;
  std::string as;
  internal::StagingFolder staged;
  store::Layout incoming;
  Handover handover;
  Receiver receiver;
  std::optional<Error> error;  // of the reader; read after it has ended
  std::thread reader;
};

Import::Import(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Import::~Import() = default;

Result<std::unique_ptr<Import>> Fleet::begin_import(std::string_view as) {
  if (!as.empty()) TRY_VOID(check_slug(as));
  auto folder = TRY(internal::StagingFolder::make(parts_.engine.disk(), parts_.layout));
  auto impl = std::make_unique<Import::Impl>(*this, std::string(as), std::move(folder));
  return std::unique_ptr<Import>(new Import(std::move(impl)));
}

Result<void> Import::write(std::span<const std::byte> bytes) {
  impl_->handover.give(bytes);
  return {};
}

Result<void> Import::finish() {
  impl_->end(true);
  return {};
}

Result<Import::Committed> Import::commit() {
  CHECK(!impl_->reader.joinable());
  if (impl_->error) return tl::unexpected(*impl_->error);
  const auto& manifest = impl_->receiver.what();
  const auto& slug = impl_->as.empty() ? manifest.slug : impl_->as;
  TRY_VOID(impl_->check_received(manifest.id));
  const auto& registry = impl_->fleet.parts_.registry;
  auto holder = registry.show(slug);
  auto live = registry.show(manifest.id);
  if (!live) {
    if (holder) return fail(Code::exists, "slug " + slug + " is another space's; choose with --as");
    return impl_->bring_in(manifest.id, slug, Outcome::imported);
  }
  if (live->slug == slug) return impl_->restore(*live);
  if (holder) return fail(Code::exists, "slug " + slug + " is another space's; choose with --as");
  if (impl_->as.empty()) {
    return fail(Code::exists, "this space is here as " + live->slug + "; restore it with --as " +
                                  live->slug + ", or copy it with --as and a free slug");
  }
  return impl_->bring_in(manifest.id, slug, Outcome::copied);
}

// Whether what was received is a space, and whole. Migrates it to the schema of this release.
Result<void> Import::Impl::check_received(const SpaceId& id) const {
  auto& parts = fleet.parts_;
  TRY_VOID(internal::check_no_strangers(incoming.database(id)));
  auto space = TRY(store::Space::open(parts.engine, incoming, id));
  TRY_VOID(space->quick_check());
  TRY_VOID(internal::check_schema(space->database()));
  blobs::Store received(parts.engine.disk(), incoming);
  try {
    store::ReadTx tx(space->database(), space->facts(), parts.clock.now());
    auto missing = TRY(received.missing(tx, 1));
    if (!missing.empty()) {
      return fail(Code::bad_request, "the copy lacks the content " + missing.front());
    }
  } catch (const sqlite::Failure& failure) {
    return tl::unexpected(failure.error());
  }
  return {};
}

// New epoch, raised counters; then everything received is made durable.
Result<void> Import::Impl::renew(const SpaceId& id, const store::Renewal& floors) const {
  auto& parts = fleet.parts_;
  {
    auto space = TRY(store::Space::open(parts.engine, incoming, id));
    TRY_VOID(space->renew(floors));
    TRY_VOID(space->checkpoint_and_truncate());
  }
  return parts.engine.disk().sync_file_system(staged.path());
}

Result<Import::Committed> Import::Impl::bring_in(SpaceId id, const std::string& slug,
                                                 Outcome outcome) {
  auto& parts = fleet.parts_;
  disk::Disk& disk = parts.engine.disk();
  store::Renewal floors;
  floors.new_instance = outcome == Outcome::copied;
  TRY_VOID(renew(id, floors));
  SpaceRecord record;
  record.id = outcome == Outcome::copied ? new_space_id() : id;
  record.slug = slug;
  record.display_name = receiver.what().display_name;
  // Its own host names go with the space, and not to a copy of it.
  if (outcome == Outcome::imported) record.hosts = receiver.what().hosts;
  record.state = State::creating;
  record.created = receiver.what().created;
  TRY_VOID(parts.registry.add(record));
  auto placed = internal::move_folder(disk, incoming.folder(id), parts.layout.folder(record.id));
  if (placed) placed = parts.registry.set_state(record.id, State::ready, "");
  if (!placed) {
    auto undone = fleet.undo_creation(record.id);
    if (!undone) log::warning("import_left", {{"reason", undone.error().detail}});
    return tl::unexpected(std::move(placed.error()));
  }
  return Committed{TRY(parts.registry.show(record.id)), outcome};
}

Result<Import::Committed> Import::Impl::restore(const SpaceRecord& live) {
  auto claim = fleet.impl_->claims.claim(live.id);
  if (!claim) return fail(Code::locked, "another command is at work on space " + live.slug);
  auto& parts = fleet.parts_;
  // From here on nobody uses the space: its counters stand still, and its directory can go.
  TRY_VOID(Fleet::wait([&](lane::TurnDone done) { parts.lanes.hold(live.id, std::move(done)); }));
  auto replaced = replace(live);
  parts.lanes.release(live.id);
  if (!replaced) return tl::unexpected(std::move(replaced.error()));
  return Committed{TRY(parts.registry.show(live.id)), Outcome::restored};
}

Result<void> Import::Impl::replace(const SpaceRecord& live) {
  auto& parts = fleet.parts_;
  disk::Disk& disk = parts.engine.disk();
  TRY_VOID(renew(live.id, live_counters(live)));
  // Under this name a restart finds it and finishes.
  auto name = std::string(internal::kRestorePrefix) + live.id.value;
  auto ready = internal::staging(parts.layout) + "/" + name;
  TRY_VOID(disk.remove_tree(ready));
  TRY_VOID(staged.rename(ready));
  auto target = parts.layout.folder(live.id);
  auto aside = internal::aside(parts.layout) + "/" + std::to_string(parts.clock.now().ms) + "." +
               live.id.value + "." + secrets::random_hex(4);
  store::Layout renamed(ready);
  auto moved = [&]() -> Result<void> {
    if (disk.exists(target)) TRY_VOID(internal::move_folder(disk, target, aside));
    return internal::move_folder(disk, renamed.folder(live.id), target);
  }();
  if (!moved) {
    put_back(aside, target);
    return moved;
  }
  return fleet.settle_restored(live);
}

// A restore that failed between its two renames is undone; when not even that works, what was
// received stays where a restart finds it and finishes.
void Import::Impl::put_back(const std::string& aside, const std::string& target) {
  disk::Disk& disk = fleet.parts_.engine.disk();
  if (!disk.exists(target) && disk.exists(aside)) (void)disk.rename(aside, target);
  if (!disk.exists(target)) staged.keep();
}

// How far the live space has counted; zeros when it cannot be read.
store::Renewal Import::Impl::live_counters(const SpaceRecord& live) const {
  auto& parts = fleet.parts_;
  auto counters = [&]() -> Result<store::Renewal> {
    auto space = TRY(store::Space::open(parts.engine, parts.layout, live.id));
    return space->counters();
  }();
  if (counters) return *counters;
  log::warning("live_counters_unknown",
               {{"space", live.slug}, {"reason", counters.error().detail}});
  return {};
}

}  // namespace essaim::fleet
