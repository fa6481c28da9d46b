#include "features/fleet/internal/schema.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <tuple>
#include <vector>

#include "base/text/text.h"
#include "space/store/space.h"

namespace essaim::fleet::internal {

namespace {

constexpr std::size_t kEntriesMax = 10'000;

struct Entry {
  std::string type;
  std::string name;
  std::string table;
  std::string sql;
  auto operator<=>(const Entry&) const = default;
};

// Sorted. The statistics that ANALYZE keeps belong to nobody.
Result<std::vector<Entry>> entries_of(sqlite::Database& db) {
  std::vector<Entry> entries;
  try {
    for (auto rows = db.query(R"sql(
           SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema
           WHERE name NOT GLOB 'sqlite_stat*')sql");
         rows.next();) {
      if (entries.size() == kEntriesMax)
        return fail(Code::bad_request, "main.db has too many tables");
      entries.push_back({std::string(rows.text(0)), std::string(rows.text(1)),
                         std::string(rows.text(2)), std::string(rows.text(3))});
    }
  } catch (const sqlite::Failure& failure) {
    return tl::unexpected(failure.error());
  }
  std::ranges::sort(entries);
  return entries;
}

Result<std::unique_ptr<sqlite::Database>> wrap(sqlite3* handle, int code) {
  if (handle == nullptr) return fail(Code::internal, "no memory for a database");
  auto db = std::make_unique<sqlite::Database>(handle);
  if (code != SQLITE_OK) return fail(Code::corrupt, "main.db is not a database");
  return db;
}

// What an empty space of this release has.
Result<std::vector<Entry>> ours() {
  auto image = TRY(store::template_image());
  // A file in WAL mode cannot be opened from memory (SQLite file format §1.3.3).
  image[18] = image[19] = std::byte{1};
  sqlite3* handle = nullptr;
  int code =
      sqlite3_open_v2(":memory:", &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  auto db = TRY(wrap(handle, code));
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(image.size()));
  if (copy == nullptr) return fail(Code::internal, "no memory for a database");
  std::memcpy(copy, image.data(), image.size());
  auto size = static_cast<sqlite3_int64>(image.size());
  if (sqlite3_deserialize(handle, "main", copy, size, size,
                          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) !=
      SQLITE_OK) {
    return fail(Code::internal, "the template cannot be read");
  }
  return entries_of(*db);
}

}  // namespace

Result<void> check_no_strangers(const std::string& path) {
  std::string uri = "file:" + text::percent_encode_path(path) + "?immutable=1";
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(uri.c_str(), &handle,
                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  auto db = TRY(wrap(handle, code));
  auto known = TRY(ours());
  for (const auto& entry : TRY(entries_of(*db))) {
    bool runs = entry.type != "table" && entry.type != "index";
    if (runs && !std::ranges::binary_search(known, entry)) {
      return fail(Code::bad_request, "main.db holds a " + entry.type + " that is not ours");
    }
  }
  return {};
}

Result<void> check_schema(sqlite::Database& db) {
  auto known = TRY(ours());
  auto have = TRY(entries_of(db));
  if (have == known) return {};
  return fail(Code::bad_request, "main.db does not have the tables of a space");
}

}  // namespace essaim::fleet::internal
