#include "features/fleet/registry.h"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "base/core/check.h"
#include "base/log/log.h"
#include "features/fleet/internal/index.h"
#include "features/fleet/names.h"

namespace essaim::fleet {

namespace {

constexpr std::int64_t kSchemaVersion = 1;
constexpr int kCommitsPerCheckpoint = 200;

// The numbers of a state are those of the enum; times are milliseconds since 1970. The main host of
// a space follows from its slug and the domain and is not written down.
constexpr sqlite::Sql kSchema = R"sql(
CREATE TABLE space(
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  display TEXT NOT NULL,
  state INTEGER NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER) WITHOUT ROWID;
CREATE TABLE space_host(
  host TEXT PRIMARY KEY,
  space_id TEXT NOT NULL REFERENCES space(id) ON DELETE CASCADE,
  position INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX space_host_space ON space_host(space_id, position);
CREATE TABLE job_mark(
  job TEXT PRIMARY KEY,
  cursor TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  version INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
)sql";

// An empty registry as bytes.
Result<std::vector<std::byte>> empty_image() {
  sqlite3* handle = nullptr;
  if (sqlite3_open(":memory:", &handle) != SQLITE_OK) {
    sqlite3_close(handle);
    return fail(Code::internal, "no memory for an empty registry");
  }
  sqlite::Database memory(handle);
  memory.script(kSchema);
  sqlite3_int64 size = 0;
  unsigned char* bytes = sqlite3_serialize(handle, "main", &size, 0);
  if (bytes == nullptr) return fail(Code::internal, "no memory for an empty registry");
  auto* first = reinterpret_cast<std::byte*>(bytes);
  std::vector<std::byte> image(first, first + size);
  sqlite3_free(bytes);
  return image;
}

Route route_of(const SpaceRecord& record, std::string main_host) {
  return Route{record.id, record.slug, record.display_name, std::move(main_host), record.state};
}

bool routable(State state) {
  return state != State::creating && state != State::deleted;
}

}  // namespace

std::string_view name(State state) {
  switch (state) {
    case State::creating:
      return "creating";
    case State::ready:
      return "ready";
    case State::suspended:
      return "suspended";
    case State::suspended_read_only:
      return "suspended_read_only";
    case State::frozen:
      return "frozen";
    case State::deleted:
      return "deleted";
  }
  return "unknown";
}

struct Registry::Impl {
  sqlite::Engine& engine;
  const std::string path;
  const std::string domain;
  const Clock& clock;

  // Held by whoever writes, around the database and the index; taken before index_lock.
  std::mutex write_lock;
  std::unique_ptr<sqlite::Database> db;  // none after an I/O error: opened anew by the next writer
  int commits = 0;

  mutable std::shared_mutex index_lock;
  internal::Index index;
  std::string default_slug;

  Impl(sqlite::Engine& e, std::string p, const std::string& d, const Clock& c)
      : engine(e), path(std::move(p)), domain(d), clock(c), index(d) {}

  Result<void> ensure_open();
  void load();
  void checkpoint();
  template <class F>
  Result<void> transact(F&& run);
  void insert_rows(const SpaceRecord& record);
};

// Opens the database and reads everything: after an error the commit that failed may have happened
// or not, and only the file knows.
Result<void> Registry::Impl::ensure_open() {
  if (db) return {};
  auto opened = TRY(engine.open(path));
  try {
    std::int64_t version = 0;
    {
      auto rows = opened->query(R"sql(PRAGMA user_version)sql");
      CHECK(rows.next());
      version = rows.int64(0);
    }
    if (version > kSchemaVersion) {
      return fail(Code::unsupported, "fleet.db was written by a newer release");
    }
    CHECK(version == kSchemaVersion);
    db = std::move(opened);
    load();
    checkpoint();
  } catch (const sqlite::Failure& failure) {
    db.reset();
    return tl::unexpected(failure.error());
  }
  return {};
}

void Registry::Impl::load() {
  internal::Index fresh(domain);
  std::vector<SpaceRecord> records;
  for (auto rows = db->query(R"sql(
         SELECT id, slug, display, state, reason, created_at, deleted_at FROM space
         ORDER BY id)sql");
       rows.next();) {
    SpaceRecord record;
    record.id.value = rows.text(0);
    record.slug = rows.text(1);
    record.display_name = rows.text(2);
    CHECK(rows.int64(3) >= 0 && rows.int64(3) < kStates);
    record.state = static_cast<State>(rows.int64(3));
    record.reason = rows.text(4);
    record.created.ms = rows.int64(5);
    if (!rows.null(6)) record.deleted = Instant{rows.int64(6)};
    record.hosts.push_back(fresh.main_host(record.slug));
    records.push_back(std::move(record));
  }
  std::map<std::string, std::vector<std::string>> aliases;
  for (auto rows =
           db->query(R"sql(SELECT space_id, host FROM space_host ORDER BY space_id, position)sql");
       rows.next();) {
    aliases[std::string(rows.text(0))].emplace_back(rows.text(1));
  }
  // Main hosts come first: when the domain has changed, an alias yields to them.
  for (auto& record : records) fresh.insert(record);
  for (auto& record : records) {
    auto found = aliases.find(record.id.value);
    if (found == aliases.end()) continue;
    fresh.erase(record.id);
    auto& hosts = found->second;
    record.hosts.insert(record.hosts.end(), hosts.begin(), hosts.end());
    if (!fresh.insert(record)) {
      log::warning("host_collision", {{"space", record.slug}});
    }
  }
  std::unique_lock guard(index_lock);
  index = std::move(fresh);
}

void Registry::Impl::checkpoint() {
  commits = 0;
  for (auto rows = db->query(R"sql(PRAGMA wal_checkpoint(TRUNCATE))sql"); rows.next();) {
  }
}

// Runs `run` in one durable transaction. The caller holds write_lock.
template <class F>
Result<void> Registry::Impl::transact(F&& run) {
  TRY_VOID(ensure_open());
  try {
    db->script(R"sql(BEGIN IMMEDIATE)sql");
    run();
    db->script(R"sql(COMMIT)sql");
    if (++commits >= kCommitsPerCheckpoint) checkpoint();
  } catch (const sqlite::Failure& failure) {
    // Whatever it was, start over from the file: the next writer opens and reads it again.
    db.reset();
    return tl::unexpected(failure.error());
  }
  return {};
}

void Registry::Impl::insert_rows(const SpaceRecord& record) {
  std::optional<std::int64_t> deleted;
  if (record.deleted) deleted = record.deleted->ms;
  db->execute(R"sql(
    INSERT INTO space(id, slug, display, state, reason, created_at, deleted_at)
    VALUES (?, ?, ?, ?, ?, ?, ?))sql",
              record.id.value, record.slug, record.display_name, static_cast<int>(record.state),
              record.reason, record.created.ms, deleted);
  for (std::size_t i = 1; i < record.hosts.size(); ++i) {
    db->execute(R"sql(INSERT INTO space_host(host, space_id, position) VALUES (?, ?, ?))sql",
                record.hosts[i], record.id.value, static_cast<std::int64_t>(i));
  }
}

Registry::Registry() = default;

Registry::~Registry() {
  if (!impl_ || !impl_->db) return;
  try {
    impl_->checkpoint();
  } catch (const sqlite::Failure&) {
    // The log of the database holds everything; the next start reads it.
  }
}

Result<std::unique_ptr<Registry>> Registry::open(sqlite::Engine& engine, const std::string& path,
                                                 const std::string& domain, const Clock& clock) {
  auto canonical = canonical_domain(domain);
  if (!canonical || canonical->size() + kSlugMax + 1 > kHostMax) {
    return fail(Code::bad_request, "'" + domain + "' is not a domain");
  }
  if (!engine.disk().exists(path)) {
    auto image = TRY(empty_image());
    TRY_VOID(engine.create(path, image, disk::Disk::Durable::yes));
  }
  std::unique_ptr<Registry> registry(new Registry());
  registry->impl_ = std::make_unique<Impl>(engine, path, *canonical, clock);
  TRY_VOID(registry->impl_->ensure_open());
  return registry;
}

std::optional<Route> Registry::find_host(std::string_view host) const {
  std::string canonical;  // IPv6 has many spellings, and a name may end in a dot
  if (host.find(':') != std::string_view::npos || host.ends_with('.')) {
    canonical = canonical_host(host).value_or("");
    host = canonical;
  }
  std::shared_lock guard(impl_->index_lock);
  const auto* record = impl_->index.by_host(host);
  if (record == nullptr && !impl_->default_slug.empty()) {
    record = impl_->index.by_slug(impl_->default_slug);
  }
  if (record == nullptr || !routable(record->state)) return std::nullopt;
  return route_of(*record, impl_->index.main_host(record->slug));
}

std::optional<Route> Registry::find_slug(std::string_view slug) const {
  std::shared_lock guard(impl_->index_lock);
  const auto* record = impl_->index.by_slug(slug);
  if (record == nullptr || !routable(record->state)) return std::nullopt;
  return route_of(*record, impl_->index.main_host(record->slug));
}

Result<void> Registry::set_default_space(std::string_view slug) {
  TRY_VOID(check_slug(slug));
  std::unique_lock guard(impl_->index_lock);
  impl_->default_slug = slug;
  return {};
}

const std::string& Registry::domain() const {
  return impl_->domain;
}

std::vector<SpaceRecord> Registry::list() const {
  std::shared_lock guard(impl_->index_lock);
  return impl_->index.list();
}

Result<SpaceRecord> Registry::show(std::string_view slug) const {
  std::shared_lock guard(impl_->index_lock);
  const auto* record = impl_->index.by_slug(slug);
  if (record == nullptr) {
    return fail(Code::not_found, "no space " + std::string(slug.substr(0, kSlugMax)));
  }
  return *record;
}

Result<SpaceRecord> Registry::show(const SpaceId& id) const {
  std::shared_lock guard(impl_->index_lock);
  const auto* record = impl_->index.by_id(id);
  if (record == nullptr) return fail(Code::not_found, "no space with the id " + id.value);
  return *record;
}

std::vector<SpaceRecord> Registry::after(const SpaceId& cursor, int count) const {
  std::shared_lock guard(impl_->index_lock);
  return impl_->index.after(cursor, count);
}

std::array<std::int64_t, kStates> Registry::counts() const {
  std::shared_lock guard(impl_->index_lock);
  return impl_->index.counts();
}

Result<void> Registry::add(const SpaceRecord& record) {
  return add(std::span(&record, 1));
}

Result<void> Registry::add(std::span<const SpaceRecord> records) {
  std::lock_guard writer(impl_->write_lock);
  TRY_VOID(impl_->ensure_open());
  // Checked one after the other against an index that holds the earlier ones.
  std::vector<SpaceRecord> admitted;
  admitted.reserve(records.size());
  auto undo = [&] {
    std::unique_lock guard(impl_->index_lock);
    for (const auto& record : admitted) impl_->index.erase(record.id);
  };
  for (const auto& record : records) {
    auto checked = impl_->index.admit(record);
    if (!checked) {
      undo();
      return tl::unexpected(std::move(checked.error()));
    }
    // Seen by readers before the commit only as `creating`, which is not found.
    auto pending = *checked;
    pending.state = State::creating;
    admitted.push_back(std::move(*checked));
    std::unique_lock guard(impl_->index_lock);
    impl_->index.insert(std::move(pending));
  }
  auto done = impl_->transact([&] {
    for (const auto& record : admitted) impl_->insert_rows(record);
  });
  if (!done) {
    undo();
    return done;
  }
  std::unique_lock guard(impl_->index_lock);
  for (const auto& record : admitted) {
    impl_->index.erase(record.id);
    impl_->index.insert(record);
  }
  return {};
}

Result<void> Registry::set_state(const SpaceId& id, State state, std::string_view reason) {
  TRY(show(id));
  return set_state(std::span(&id, 1), state, reason);
}

Result<void> Registry::set_state(std::span<const SpaceId> ids, State state,
                                 std::string_view reason) {
  std::lock_guard writer(impl_->write_lock);
  Instant now = impl_->clock.now();
  std::optional<std::int64_t> deleted;
  if (state == State::deleted) deleted = now.ms;
  TRY_VOID(impl_->transact([&] {
    for (const auto& id : ids) {
      impl_->db->execute(
          R"sql(UPDATE space SET state = ?, reason = ?, deleted_at = ? WHERE id = ?)sql",
          static_cast<int>(state), reason, deleted, id.value);
    }
  }));
  std::unique_lock guard(impl_->index_lock);
  for (const auto& id : ids) impl_->index.set_state(id, state, reason, now);
  return {};
}

Result<void> Registry::remove(const SpaceId& id) {
  TRY(show(id));
  std::lock_guard writer(impl_->write_lock);
  TRY_VOID(impl_->transact(
      [&] { impl_->db->execute(R"sql(DELETE FROM space WHERE id = ?)sql", id.value); }));
  std::unique_lock guard(impl_->index_lock);
  impl_->index.erase(id);
  return {};
}

Result<std::optional<JobMark>> Registry::job_mark(std::string_view job) {
  std::lock_guard writer(impl_->write_lock);
  std::optional<JobMark> mark;
  TRY_VOID(impl_->transact([&] {
    auto rows = impl_->db->query(R"sql(
      SELECT cursor, started_at, finished_at, version FROM job_mark WHERE job = ?)sql",
                                 job);
    if (!rows.next()) return;
    mark.emplace();
    mark->cursor.value = rows.text(0);
    mark->started.ms = rows.int64(1);
    if (!rows.null(2)) mark->finished = Instant{rows.int64(2)};
    mark->version = rows.int64(3);
  }));
  return mark;
}

Result<void> Registry::set_job_mark(std::string_view job, const JobMark& mark) {
  std::lock_guard writer(impl_->write_lock);
  std::optional<std::int64_t> finished;
  if (mark.finished) finished = mark.finished->ms;
  return impl_->transact([&] {
    impl_->db->execute(R"sql(
      INSERT INTO job_mark(job, cursor, started_at, finished_at, version) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT(job) DO UPDATE SET cursor = excluded.cursor, started_at = excluded.started_at,
        finished_at = excluded.finished_at, version = excluded.version)sql",
                       job, mark.cursor.value, mark.started.ms, finished, mark.version);
  });
}

}  // namespace essaim::fleet
