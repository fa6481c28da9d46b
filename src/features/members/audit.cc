#include "features/members/audit.h"

#include <algorithm>
#include <optional>

#include "features/members/internal/columns.h"

namespace essaim::members::audit {

namespace {

using internal::bytes;

constexpr std::size_t kHashSize = 32;
constexpr std::size_t kProblemsMax = 20;

struct Word {
  Action action;
  std::string_view name;
};
constexpr Word kWords[] = {
    {Action::signed_in, "signed-in"},
    {Action::second_factor_failed, "second-factor-failed"},
    {Action::second_factor_on, "second-factor-on"},
    {Action::second_factor_off, "second-factor-off"},
    {Action::recovery_codes_renewed, "recovery-codes-renewed"},
    {Action::second_factor_demanded, "second-factor-demanded"},
    {Action::password_changed, "password-changed"},
    {Action::role_changed, "role-changed"},
    {Action::token_given, "token-given"},
    {Action::token_ended, "token-ended"},
    {Action::token_wiped, "token-wiped"},
    {Action::member_added, "member-added"},
    {Action::member_disabled, "member-disabled"},
    {Action::member_enabled, "member-enabled"},
    {Action::expiry_changed, "expiry-changed"},
    {Action::member_removed, "member-removed"},
    {Action::group_joined, "group-joined"},
    {Action::group_left, "group-left"},
    {Action::files_taken_over, "files-taken-over"},
    {Action::rights_changed, "rights-changed"},
    {Action::plan_changed, "plan-changed"},
    {Action::taken_over, "taken-over"},
};

std::string text_of(std::span<const std::byte> blob) {
  return {reinterpret_cast<const char*>(blob.data()), blob.size()};
}

// Each part with its length, so that no two lists of parts are the same text.
std::string hash_of(const secrets::Key& key, std::string_view use,
                    std::initializer_list<std::string_view> parts) {
  std::string whole("audit ");
  whole += use;
  for (auto part : parts) {
    whole += '\0' + std::to_string(part.size()) + ':';
    whole += part;
  }
  return secrets::keyed_hash(key, whole);
}

std::string row_hash(const secrets::Key& key, std::string_view before, const Row& row) {
  return hash_of(key, "row",
                 {before, std::to_string(row.id), std::to_string(row.at.ms), row.actor,
                  std::to_string(row.member.value), row.action, row.object, row.address});
}

// The one row of audit_chain.
struct Chain {
  std::string key_mark;
  std::int64_t first = 1;
  std::string start;
  std::string adopted;
  std::int64_t last = 0;
  std::string head;
  std::string seal;
};

std::string mark_of(const secrets::Key& key) {
  return hash_of(key, "key", {});
}

std::string seal_of(const secrets::Key& key, const Chain& chain) {
  return hash_of(key, "seal",
                 {std::to_string(chain.first), chain.start, chain.adopted,
                  std::to_string(chain.last), chain.head});
}

std::optional<Chain> read_chain(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(
    SELECT key_mark, first_id, start, adopted, last_id, head, seal FROM audit_chain
    WHERE id = 1)sql");
  if (!rows.next()) return std::nullopt;
  return Chain{text_of(rows.blob(0)), rows.int64(1), text_of(rows.blob(2)),
               text_of(rows.blob(3)), rows.int64(4), text_of(rows.blob(5)),
               text_of(rows.blob(6))};
}

void write_chain(store::WriteTx& tx, const secrets::Key& key, Chain& chain) {
  chain.seal = seal_of(key, chain);
  tx.execute(R"sql(
    INSERT INTO audit_chain(id, key_mark, first_id, start, adopted, last_id, head, seal)
    VALUES (1, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT(id) DO UPDATE SET key_mark = excluded.key_mark, first_id = excluded.first_id,
      start = excluded.start, adopted = excluded.adopted, last_id = excluded.last_id,
      head = excluded.head, seal = excluded.seal)sql",
             bytes(chain.key_mark), chain.first, bytes(chain.start), bytes(chain.adopted),
             chain.last, bytes(chain.head), bytes(chain.seal));
}

struct Hashed {
  Row row;
  std::string hash;
};

// Reads the columns that every query below selects, in this order.
Hashed from_row(const sqlite::Rows& row) {
  return {.row = {.id = row.int64(0),
                  .at = {row.int64(1)},
                  .actor = std::string(row.text(2)),
                  .member = {row.null(3) ? 0 : row.int64(3)},
                  .action = std::string(row.text(4)),
                  .object = std::string(row.text(5)),
                  .address = std::string(row.text(6))},
          .hash = text_of(row.blob(7))};
}

// Hash of all rows with ids from `from` to below `end`, in our key, whoever wrote them.
std::string fold(store::ReadTx& tx, const secrets::Key& key, std::int64_t from, std::int64_t end) {
  std::string out(kHashSize, '\0');
  auto rows = tx.query(R"sql(
    SELECT id, at, actor, member_id, action, object, address, hash FROM audit
    WHERE id >= ? AND id < ? ORDER BY id LIMIT -1)sql",
                       from, end);
  while (rows.next()) {
    auto each = from_row(rows);
    out = hash_of(key, "adopted", {out, row_hash(key, out, each.row), each.hash});
  }
  return out;
}

std::int64_t last_id(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(SELECT coalesce(max(id), 0) FROM audit)sql");
  return rows.next() ? rows.int64(0) : 0;
}

void append(store::WriteTx& tx, const secrets::Key& key, Chain& chain, const Event& event) {
  Row row{.id = chain.last + 1,
          .at = tx.now(),
          .actor = std::string(event.actor),
          .member = event.member,
          .action = std::string(name(event.action)),
          .object = std::string(members::internal::first_bytes(event.object, kObjectMax)),
          .address = std::string(members::internal::first_bytes(event.address, kAddressMax))};
  std::string hash = row_hash(key, chain.head, row);
  std::optional<MemberId> member;
  if (row.member) member = row.member;
  tx.execute(R"sql(
    INSERT INTO audit(id, at, actor, member_id, action, object, address, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql",
             row.id, row.at.ms, row.actor, member, row.action, row.object, row.address,
             bytes(hash));
  chain.last = row.id;
  chain.head = hash;
}

// A chain of ours that goes on after what is there: nothing, or the rows of another fleet.
Chain begin_chain(store::WriteTx& tx, const secrets::Key& key) {
  Chain chain;
  chain.key_mark = mark_of(key);
  chain.last = last_id(tx);
  chain.first = chain.last + 1;
  chain.start = chain.head = hash_of(key, "start", {});
  chain.adopted = fold(tx, key, 0, chain.first);
  if (chain.last > 0) {
    append(tx, key, chain,
           {.actor = kOperator,
            .action = Action::taken_over,
            .object = std::to_string(chain.last),
            .address = {}});
  }
  return chain;
}

}  // namespace

std::string_view name(Action action) {
  return std::ranges::find(kWords, action, &Word::action)->name;
}

void record(store::WriteTx& tx, const secrets::Key& key, const Event& event) {
  auto chain = read_chain(tx);
  if (!chain || chain->key_mark != mark_of(key)) chain = begin_chain(tx, key);
  append(tx, key, *chain, event);
  write_chain(tx, key, *chain);
}

std::vector<Row> list(store::ReadTx& tx, std::int64_t since, int limit) {
  std::vector<Row> out;
  auto rows = tx.query(R"sql(
    SELECT id, at, actor, member_id, action, object, address, hash FROM audit
    WHERE id > ? ORDER BY id LIMIT ?)sql",
                       since, std::clamp(limit, 1, kListMax));
  while (rows.next()) out.push_back(from_row(rows).row);
  return out;
}

std::vector<std::string> verify(store::ReadTx& tx, const secrets::Key& key) {
  auto chain = read_chain(tx);
  if (!chain) {
    if (last_id(tx) == 0) return {};
    return {"audit: its chain is missing"};
  }
  // Of another fleet, and nothing was written here yet.
  if (chain->key_mark != mark_of(key)) return {};
  std::vector<std::string> problems;
  if (seal_of(key, *chain) != chain->seal) problems.emplace_back("audit: its seal is broken");
  if (fold(tx, key, 0, chain->first) != chain->adopted) {
    problems.emplace_back("audit: what came from another server was changed");
  }
  std::string before = chain->start;
  std::int64_t last = chain->first - 1;
  auto rows = tx.query(R"sql(
    SELECT id, at, actor, member_id, action, object, address, hash FROM audit
    WHERE id >= ? ORDER BY id LIMIT -1)sql",
                       chain->first);
  while (rows.next() && problems.size() < kProblemsMax) {
    auto each = from_row(rows);
    if (each.row.id != last + 1 || row_hash(key, before, each.row) != each.hash) {
      problems.push_back("audit: row " + std::to_string(each.row.id) +
                         " was changed, or one before it removed");
    }
    last = each.row.id;
    before = each.hash;
  }
  bool ends = last == chain->last && before == chain->head;
  if (problems.empty() && !ends) problems.emplace_back("audit: rows are missing at its end");
  return problems;
}

int trim(store::WriteTx& tx, const secrets::Key& key, int most) {
  auto chain = read_chain(tx);
  if (!chain || chain->key_mark != mark_of(key)) return 0;
  std::int64_t newest = 0;
  {
    auto rows = tx.query(R"sql(SELECT at FROM audit ORDER BY id DESC LIMIT 1)sql");
    if (!rows.next()) return 0;
    newest = rows.int64(0);
  }
  // Only the old end goes: what is old behind something newer waits for it.
  std::vector<Hashed> old;
  {
    auto rows = tx.query(R"sql(
      SELECT id, at, actor, member_id, action, object, address, hash FROM audit
      ORDER BY id LIMIT ?)sql",
                         most);
    while (rows.next() && rows.int64(1) <= newest - kKept.count()) old.push_back(from_row(rows));
  }
  for (const auto& each : old) {
    tx.execute(R"sql(DELETE FROM audit WHERE id = ?)sql", each.row.id);
    if (each.row.id < chain->first) continue;
    chain->first = each.row.id + 1;
    chain->start = each.hash;
  }
  if (old.empty()) return 0;
  chain->adopted = fold(tx, key, 0, chain->first);
  write_chain(tx, key, *chain);
  return static_cast<int>(old.size());
}

}  // namespace essaim::members::audit
