#include "features/members/internal/columns.h"
#include "features/members/members.h"

namespace essaim::members {

namespace {

using internal::bytes;

constexpr std::size_t kTokenNameMax = 100;  // bytes

// Reads the columns that every query below selects, in this order.
Token from_row(const sqlite::Rows& row) {
  Token token;
  token.id = {row.int64(0)};
  token.member = {row.int64(1)};
  token.name = row.text(2);
  token.created = {row.int64(3)};
  if (!row.null(4)) token.used = Instant{row.int64(4)};
  token.wipe = !row.null(5);
  return token;
}

}  // namespace

Result<GivenToken> give_token(store::WriteTx& tx, const secrets::Key& key, MemberId id,
                              std::string_view name, TokenShape shape) {
  {
    auto count = tx.query(R"sql(SELECT count(*) FROM app_token WHERE member_id = ?)sql", id);
    if (count.next() && count.int64(0) >= kTokensPerMemberMax) {
      return fail(Code::too_many, "this member has its highest number of app tokens");
    }
  }
  GivenToken out;
  out.secret = shape == TokenShape::app ? secrets::random_alnum(72) : secrets::random_typable();
  std::string hash = secrets::keyed_hash(key, out.secret);
  tx.execute(R"sql(
    INSERT INTO app_token(hash, member_id, name, created_at) VALUES (?, ?, ?, ?))sql",
             bytes(hash), id, internal::first_bytes(name, kTokenNameMax), tx.now().ms);
  out.id = {tx.last_insert_rowid()};
  return out;
}

Result<std::string> add_token(store::WriteTx& tx, const secrets::Key& key, MemberId id,
                              std::string_view name) {
  return TRY(give_token(tx, key, id, name, TokenShape::app)).secret;
}

Result<Token> find_token(store::ReadTx& tx, const secrets::Key& key, std::string_view secret) {
  std::string hash = secrets::keyed_hash(key, secret);
  auto rows = tx.query(R"sql(
    SELECT id, member_id, name, created_at, used_at, wipe_at FROM app_token WHERE hash = ?)sql",
                       bytes(hash));
  if (!rows.next()) return fail(Code::not_found, "no such app token");
  return from_row(rows);
}

std::vector<Token> tokens_of(store::ReadTx& tx, MemberId id) {
  std::vector<Token> out;
  auto rows = tx.query(R"sql(
    SELECT id, member_id, name, created_at, used_at, wipe_at FROM app_token WHERE member_id = ?
    ORDER BY id DESC LIMIT ?)sql",
                       id, kTokensPerMemberMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

void touch_token(store::WriteTx& tx, TokenId id) {
  tx.execute(R"sql(UPDATE app_token SET used_at = ? WHERE id = ?)sql", tx.now().ms, id);
  tx.execute(R"sql(
    UPDATE member SET seen_at = ? WHERE id = (SELECT member_id FROM app_token WHERE id = ?))sql",
             tx.now().ms, id);
}

void remove_token(store::WriteTx& tx, TokenId id) {
  tx.execute(R"sql(DELETE FROM app_token WHERE id = ?)sql", id);
}

Result<void> end_token(store::WriteTx& tx, MemberId member, TokenId id) {
  if (tx.execute(R"sql(DELETE FROM app_token WHERE id = ? AND member_id = ?)sql", id, member) ==
      0) {
    return fail(Code::not_found, "no such app token");
  }
  return {};
}

Result<void> wipe_token(store::WriteTx& tx, MemberId member, TokenId id) {
  auto changed = tx.execute(R"sql(
    UPDATE app_token SET wipe_at = coalesce(wipe_at, ?) WHERE id = ? AND member_id = ?)sql",
                            tx.now().ms, id, member);
  if (changed == 0) return fail(Code::not_found, "no such app token");
  return {};
}

void wipe_tokens(store::WriteTx& tx, MemberId member) {
  tx.execute(R"sql(
    UPDATE app_token SET wipe_at = coalesce(wipe_at, ?) WHERE member_id = ?)sql",
             tx.now().ms, member);
}

}  // namespace essaim::members
