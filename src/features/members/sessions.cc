#include "features/members/sessions.h"

#include "features/members/internal/columns.h"

namespace essaim::members {

namespace {

using internal::bytes;

constexpr std::size_t kAgentMax = 200;  // bytes

// The word keeps the hashes of sessions apart from those of tokens.
std::string hash_of(const secrets::Key& key, std::string_view secret) {
  std::string text = "session:";
  text += secret;
  return secrets::keyed_hash(key, text);
}

// Reads the columns that every query below selects, in this order.
Session from_row(const sqlite::Rows& row) {
  return {.id = {row.int64(0)},
          .member = {row.int64(1)},
          .agent = std::string(row.text(2)),
          .created = {row.int64(3)},
          .used = {row.int64(4)}};
}

// A session is open while it was used and made later than these.
std::int64_t used_after(const store::ReadTx& tx) {
  return tx.now().ms - kSessionIdle.count();
}
std::int64_t made_after(const store::ReadTx& tx) {
  return tx.now().ms - kSessionLife.count();
}

}  // namespace

std::string start_session(store::WriteTx& tx, const secrets::Key& key, MemberId member,
                          std::string_view agent) {
  tx.execute(R"sql(
    DELETE FROM web_session WHERE id IN (
      SELECT id FROM web_session WHERE member_id = ? ORDER BY used_at DESC, id DESC
      LIMIT -1 OFFSET ?))sql",
             member, kSessionsPerMemberMax - 1);
  std::string secret = secrets::random_alnum(64);
  std::string hash = hash_of(key, secret);
  tx.execute(R"sql(
    INSERT INTO web_session(hash, member_id, agent, created_at, used_at)
    VALUES (?, ?, ?, ?, ?))sql",
             bytes(hash), member, internal::first_bytes(agent, kAgentMax), tx.now().ms,
             tx.now().ms);
  tx.execute(R"sql(UPDATE member SET seen_at = ? WHERE id = ?)sql", tx.now().ms, member);
  return secret;
}

Result<Session> find_session(store::ReadTx& tx, const secrets::Key& key, std::string_view secret) {
  std::string hash = hash_of(key, secret);
  auto rows = tx.query(R"sql(
    SELECT id, member_id, agent, created_at, used_at FROM web_session
    WHERE hash = ? AND used_at > ? AND created_at > ?)sql",
                       bytes(hash), used_after(tx), made_after(tx));
  if (!rows.next()) return fail(Code::not_found, "no such session");
  return from_row(rows);
}

void touch_session(store::WriteTx& tx, SessionId id) {
  tx.execute(R"sql(UPDATE web_session SET used_at = ? WHERE id = ?)sql", tx.now().ms, id);
  tx.execute(R"sql(
    UPDATE member SET seen_at = ? WHERE id = (SELECT member_id FROM web_session WHERE id = ?))sql",
             tx.now().ms, id);
}

std::vector<Session> sessions_of(store::ReadTx& tx, MemberId member) {
  std::vector<Session> out;
  auto rows = tx.query(R"sql(
    SELECT id, member_id, agent, created_at, used_at FROM web_session
    WHERE member_id = ? AND used_at > ? AND created_at > ?
    ORDER BY used_at DESC, id DESC LIMIT ?)sql",
                       member, used_after(tx), made_after(tx), kSessionsPerMemberMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

Result<void> end_session(store::WriteTx& tx, MemberId member, SessionId id) {
  auto ended =
      tx.execute(R"sql(DELETE FROM web_session WHERE id = ? AND member_id = ?)sql", id, member);
  if (ended == 0) return fail(Code::not_found, "no such session");
  return {};
}

void end_sessions(store::WriteTx& tx, MemberId member, SessionId keep) {
  tx.execute(R"sql(DELETE FROM web_session WHERE member_id = ? AND id <> ?)sql", member, keep);
}

void change_own_password(store::WriteTx& tx, MemberId member, std::string_view password_hash,
                         SessionId keep) {
  tx.execute(R"sql(UPDATE member SET pw = ? WHERE id = ?)sql", password_hash, member);
  end_sessions(tx, member, keep);
}

int sweep_sessions(store::WriteTx& tx, int most) {
  // A session that is too old but still used is swept when it has been idle as well.
  return static_cast<int>(tx.execute(R"sql(
    DELETE FROM web_session WHERE id IN (
      SELECT id FROM web_session WHERE used_at <= ? ORDER BY used_at LIMIT ?))sql",
                                     used_after(tx), most));
}

}  // namespace essaim::members
