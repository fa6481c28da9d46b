#include "features/files/direct_links.h"

#include "features/files/node.h"

namespace essaim::files {

namespace {

constexpr std::size_t kTokenSize = 60;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

Result<std::string> add_direct_link(store::WriteTx& tx, const secrets::Key& key,
                                    const access::Caller& caller, const access::Place& place,
                                    NodeId file, Duration life) {
  if (life < Duration{1'000} || life > kDirectLifeMax) return fail(Code::bad_request, "the life");
  auto node = TRY(find_by_id(tx, caller, place, file));
  if (node.is_folder()) return fail(Code::wrong_kind, "a link opens a file");
  if (!node.standing.rights.download) return fail(Code::forbidden, "only to look at");
  tx.execute(R"sql(
    DELETE FROM direct_link WHERE hash IN
      (SELECT hash FROM direct_link WHERE member_id = ? ORDER BY expires_at DESC
       LIMIT -1 OFFSET ?))sql",
             caller.member, kDirectLinksMax - 1);
  std::string token = secrets::random_alnum(kTokenSize);
  std::string hash = secrets::keyed_hash(key, token);
  tx.execute(R"sql(
    INSERT INTO direct_link(hash, member_id, node_id, expires_at) VALUES (?, ?, ?, ?))sql",
             bytes_of(hash), caller.member, node.id, tx.now().ms + life.count());
  return token;
}

Result<DirectLink> find_direct_link(store::ReadTx& tx, const secrets::Key& key,
                                    std::string_view token) {
  if (token.size() != kTokenSize) return fail(Code::not_found, "no such link");
  std::string hash = secrets::keyed_hash(key, token);
  auto rows = tx.query(R"sql(
    SELECT member_id, node_id FROM direct_link WHERE hash = ? AND expires_at > ?)sql",
                       bytes_of(hash), tx.now().ms);
  if (!rows.next()) return fail(Code::not_found, "no such link");
  return DirectLink{{rows.int64(0)}, {rows.int64(1)}};
}

int expire_direct_links(store::WriteTx& tx, int count) {
  return static_cast<int>(tx.execute(R"sql(
    DELETE FROM direct_link WHERE hash IN
      (SELECT hash FROM direct_link WHERE expires_at <= ? LIMIT ?))sql",
                                     tx.now().ms, count));
}

}  // namespace essaim::files
