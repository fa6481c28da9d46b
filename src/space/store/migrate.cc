#include "space/store/internal/migrate.h"

#include <string>

#include "space/store/migrations/m0001_core.h"
#include "space/store/migrations/m0002_sign_in.h"
#include "space/store/migrations/m0003_bin_and_versions.h"
#include "space/store/migrations/m0004_locks.h"
#include "space/store/migrations/m0005_previews.h"
#include "space/store/migrations/m0006_search.h"
#include "space/store/migrations/m0007_direct_links.h"
#include "space/store/migrations/m0008_people.h"
#include "space/store/migrations/m0009_places.h"
#include "space/store/migrations/m0010_shares.h"
#include "space/store/migrations/m0011_notices.h"
#include "space/store/migrations/m0012_comments.h"
#include "space/store/migrations/m0013_profiles.h"
#include "space/store/migrations/m0014_security.h"
#include "space/store/migrations/m0015_guest_expiry.h"
#include "space/store/migrations/m0016_pictures.h"
#include "space/store/space.h"

namespace essaim::store {
namespace internal {
namespace {

constexpr sqlite::Sql kMigrations[] = {
    migrations::kCore,        migrations::kSignIn,   migrations::kBinAndVersions,
    migrations::kLocks,       migrations::kPreviews, migrations::kSearch,
    migrations::kDirectLinks, migrations::kPeople,   migrations::kPlaces,
    migrations::kShares,      migrations::kNotices,  migrations::kComments,
    migrations::kProfiles,    migrations::kSecurity, migrations::kGuestExpiry,
    migrations::kPictures,
};

int user_version(sqlite::Database& db) {
  auto rows = db.query("PRAGMA user_version");
  return rows.next() ? static_cast<int>(rows.int64(0)) : 0;
}

void set_user_version(sqlite::Database& db, int version) {
  // A PRAGMA takes no bound value; this is the one number we write into the header.
  std::string text = "PRAGMA user_version=" + std::to_string(version);
  char* message = nullptr;
  int code = sqlite3_exec(db.handle(), text.c_str(), nullptr, nullptr, &message);
  sqlite3_free(message);
  if (code != SQLITE_OK) throw sqlite::Failure(code, sqlite3_errmsg(db.handle()));
}

void roll_back(sqlite::Database& db) {
  // SQLite may have ended the transaction by itself.
  if (db.autocommit()) return;
  try {
    db.execute("ROLLBACK");
  } catch (const sqlite::Failure&) {
    // The failure that brought us here is the one to tell.
  }
}

}  // namespace

std::span<const sqlite::Sql> migrations() {
  return kMigrations;
}

Result<int> migrate(sqlite::Database& db, std::span<const sqlite::Sql> list) {
  int step = 0;
  try {
    int have = user_version(db);
    int want = static_cast<int>(list.size());
    if (have > want) {
      return fail(Code::unsupported, "schema " + std::to_string(have) + ", this release knows " +
                                         std::to_string(want));
    }
    if (have == want) return 0;
    db.execute("BEGIN IMMEDIATE");
    for (step = have + 1; step <= want; ++step) {
      db.script(list[static_cast<std::size_t>(step - 1)]);
    }
    set_user_version(db, want);
    db.execute("COMMIT");
    return want - have;
  } catch (const sqlite::Failure& failure) {
    roll_back(db);
    Error error = failure.error();
    bool disk = error.code == Code::io || error.code == Code::disk_full || error.code == Code::busy;
    return fail(disk ? error.code : Code::corrupt,
                "migration " + std::to_string(step) + ": " + error.detail);
  }
}

}  // namespace internal

int schema_version() {
  return static_cast<int>(internal::migrations().size());
}

}  // namespace essaim::store
