// A new space: the template with a few rows of its own, written as one image.
#include <cstring>
#include <mutex>

#include "base/core/check.h"
#include "base/secrets/secrets.h"
#include "space/store/internal/migrate.h"
#include "space/store/space.h"

namespace essaim::store {
namespace {

using Image = std::vector<std::byte>;

std::unique_ptr<sqlite::Database> in_memory() {
  sqlite3* handle = nullptr;
  int code =
      sqlite3_open_v2(":memory:", &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  CHECK(handle != nullptr);
  auto database = std::make_unique<sqlite::Database>(handle);
  if (code != SQLITE_OK) throw sqlite::Failure(code, sqlite3_errmsg(handle));
  return database;
}

Image serialized(sqlite::Database& db) {
  sqlite3_int64 size = 0;
  std::unique_ptr<unsigned char, void (*)(void*)> bytes(
      sqlite3_serialize(db.handle(), "main", &size, 0), sqlite3_free);
  if (!bytes) throw sqlite::Failure(SQLITE_NOMEM, "serialize");
  Image image(static_cast<std::size_t>(size));
  std::memcpy(image.data(), bytes.get(), image.size());
  return image;
}

// An in-memory database cannot be in WAL mode, so its image says "rollback journal" in the two
// format bytes of its header (SQLite file format §1.3.3). Saying "WAL" here spares each space a
// commit.
void mark_wal(Image& image) {
  CHECK(image.size() > 20);
  image[18] = image[19] = std::byte{2};
}

Image make_template() {
  auto db = in_memory();
  auto applied = internal::migrate(*db, internal::migrations());
  CHECK(applied.has_value());
  return serialized(*db);
}

// Made once per process: the schema never changes while it runs.
const Image& plain_template() {
  static const Image image = make_template();
  return image;
}

void set(sqlite::Database& db, const char* key, const std::string& value) {
  db.execute("INSERT INTO meta(key, value) VALUES (?, ?)", key, value);
}

Image image_of(const NewSpace& space) {
  const Image& plain = plain_template();
  auto db = in_memory();
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(plain.size()));
  if (!copy) throw sqlite::Failure(SQLITE_NOMEM, "template");
  std::memcpy(copy, plain.data(), plain.size());
  auto size = static_cast<sqlite3_int64>(plain.size());
  int code = sqlite3_deserialize(db->handle(), "main", copy, size, size,
                                 SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  if (code != SQLITE_OK) throw sqlite::Failure(code, "template");
  db->execute("BEGIN");
  set(*db, "epoch", secrets::random_hex(8));
  set(*db, "instance_id", "oc" + secrets::random_base36(10));
  set(*db, "name", space.display_name);
  Instant created = space.created.ms != 0 ? space.created : SystemClock().now();
  db->execute(
      "INSERT INTO meta(key, value) VALUES ('quota_bytes', ?), ('accounts_max', ?),"
      " ('created_at', ?)",
      space.quota_bytes, space.accounts_max, created.ms);
  db->execute("COMMIT");
  Image image = serialized(*db);
  mark_wal(image);
  return image;
}

}  // namespace

Result<std::vector<std::byte>> template_image() {
  try {
    Image image = plain_template();
    mark_wal(image);
    return image;
  } catch (const sqlite::Failure& failure) {
    return tl::unexpected(failure.error());
  }
}

Result<void> create(sqlite::Engine& engine, const Layout& layout, const SpaceId& id,
                    const NewSpace& space, disk::Disk::Durable durable) {
  CHECK(space.quota_bytes >= 0);
  CHECK(space.accounts_max >= 1 && space.accounts_max <= kAccountsMax);
  disk::Disk& disk = engine.disk();
  std::string folder = layout.folder(id);
  if (disk.exists(folder)) return fail(Code::exists, folder);
  std::string shard = disk::parent(folder);
  std::string building = shard + "/.new-" + id.value;
  TRY_VOID(disk.remove_tree(building));
  TRY_VOID(disk.make_folders(shard, disk::Durable::no));
  TRY_VOID(disk.make_folders(building + "/blobs", disk::Durable::no));
  TRY_VOID(disk.make_folders(building + "/tmp", disk::Durable::no));
  try {
    // The WAL file is there from the first day, so that the fsync of the folder covers its name
    // too: SQLite syncs that name only in passing, and does not look whether it worked.
    auto wal = TRY(disk.create(building));
    TRY_VOID(wal->publish(building + "/main.db-wal", disk::Durable::no));
    TRY_VOID(engine.create(building + "/main.db", image_of(space), durable));
  } catch (const sqlite::Failure& failure) {
    return tl::unexpected(failure.error());
  }
  TRY_VOID(disk.rename(building, folder, disk::Durable::no));
  if (durable == disk::Durable::no) return {};
  auto confirmed = confirm(engine, layout, id);
  // Nobody may build on a space whose name can still vanish; what is left is removed by the next
  // try.
  if (!confirmed) (void)disk.rename(folder, building, disk::Durable::no);
  return confirmed;
}

Result<void> confirm(sqlite::Engine& engine, const Layout& layout, const SpaceId& id) {
  // All folders above it, although they were there: whoever made them may not have come to the
  // fsync.
  std::string shard = disk::parent(layout.folder(id));
  for (const std::string& folder : {shard, disk::parent(shard), layout.data()}) {
    TRY_VOID(engine.disk().sync_folder(folder));
  }
  return {};
}

}  // namespace essaim::store
