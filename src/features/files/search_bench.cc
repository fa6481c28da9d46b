// Searches over 100,000 files in 1,000 folders, beside a bare LIKE over the same names; and what a
// write pays for locks. Prints: <what> <CPU milliseconds each>.
#include <stdlib.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

#include "features/files/locks.h"
#include "features/files/places.h"
#include "features/files/search.h"
#include "space/store/space.h"

namespace {

using namespace essaim;
using Op = files::Condition::Op;
using files::Field;

constexpr int kRounds = 20;
constexpr int kChecks = 100'000;

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void fill(store::WriteTx& tx, NodeId home) {
  tx.execute(R"sql(
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    INSERT INTO node(id, parent_id, name, kind, mtime, seq, own_seq)
    SELECT 1000000 + i, ?1, 'folder ' || i, 1, 1600000000 + i, 1, 1 FROM n)sql",
             home);
  tx.execute(R"sql(
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
    INSERT INTO node(parent_id, name, kind, size, mtime, seq, own_seq, blob)
    SELECT 1000001 + i % 1000,
           CASE WHEN i % 20 = 0 THEN 'Vacances à la mer ' || i || '.jpg'
                ELSE 'Compte rendu de la séance ' || i || '.odt' END,
           2, i, 1600000000 + (i * 7919) % 100000, 1, 1, printf('%064x', i)
    FROM n)sql");
}

files::Condition like(Field field, std::string pattern) {
  files::Condition out;
  out.op = Op::like;
  out.field = field;
  out.text = std::move(pattern);
  return out;
}

template <class Work>
std::size_t measure(const char* what, int rounds, Work work) {
  std::size_t found = work();  // pages come into memory
  double start = cpu_ms();
  for (int i = 0; i < rounds; ++i) found += work();
  std::printf("%s %.4f\n", what, (cpu_ms() - start) / rounds);
  return found;
}

}  // namespace

int main() {
  secrets::initialize();
  std::string folder = std::filesystem::temp_directory_path() / "essaim-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  auto engine = sqlite::local_engine();
  store::Layout layout(folder);
  SpaceId id{"abcdefgh01234567"};
  if (!store::create(*engine, layout, id, {.display_name = "x"}, disk::Disk::Durable::no)) return 1;
  auto space = store::Space::open(*engine, layout, id);
  store::WriteTx tx((*space)->database(), (*space)->facts(), Instant{1'700'000'000'000});
  (*space)->database().script("BEGIN");
  auto member = members::add(tx, {.uid = "lea", .password_hash = "x"});
  auto home = files::create_home(tx, *member);
  auto caller = *access::caller_of(tx, member->id);
  auto place = access::files_of(caller, "lea");
  fill(tx, *home);
  // From the database file, as in a space that was open for a while, not from the log of changes.
  (*space)->database().script("COMMIT");
  (*space)->database().checkpoint(sqlite::Database::Wal::truncate);
  (*space)->database().script("BEGIN");
  auto root = files::find(tx, caller, *place, {});
  auto run = [&](const files::Search& search) {
    auto found = files::search(tx, caller, *place, search);
    return found ? found->size() : 0;
  };
  auto bare = [&] {
    std::size_t count = 0;
    auto rows = tx.query(R"sql(
      SELECT id, name FROM node WHERE name LIKE '%99999%' ORDER BY id LIMIT 5000)sql");
    while (rows.next()) count += rows.text(1).size();
    return count;
  };
  std::size_t found = measure("bare_like", kRounds, bare);
  files::Search by_name{.where = like(Field::name, "%99999%"), .scope = *root, .limit = 5'000};
  found += measure("name", kRounds, [&] { return run(by_name); });
  files::Search photos{.where = like(Field::type, "image/%"),
                       .scope = *root,
                       .order = {{Field::mtime, true}, {Field::name, true}},
                       .limit = 100};
  found += measure("photos", kRounds, [&] { return run(photos); });
  files::Search recent{.scope = *root, .order = {{Field::mtime, true}}, .limit = 100};
  recent.where.op = Op::greater;
  recent.where.field = Field::mtime;
  recent.where.number = 1'600'099'900;
  found += measure("recent", kRounds, [&] { return run(recent); });
  NodeId file{1'000'001};
  found += measure("lock_check", kChecks,
                   [&]() -> std::size_t { return files::check_locks(tx, caller, file) ? 1 : 0; });
  (*space)->database().script("COMMIT");
  std::filesystem::remove_all(folder);
  return found == 0 ? 1 : 0;
}
