#include "features/members/flows.h"

#include <optional>

#include "features/members/internal/columns.h"

namespace essaim::members {

namespace {

using internal::bytes;

constexpr std::size_t kClientMax = 200;  // bytes
constexpr std::size_t kSecretSize = 128;

// The words keep the two secrets apart: neither can be used in the other's place.
std::string hash_of(const secrets::Key& key, std::string_view word, std::string_view secret) {
  std::string text(word);
  text += secret;
  return secrets::keyed_hash(key, text);
}
std::string poll_hash(const secrets::Key& key, std::string_view poll) {
  return hash_of(key, "flow poll:", poll);
}
std::string link_hash(const secrets::Key& key, std::string_view link) {
  return hash_of(key, "flow link:", link);
}

std::int64_t started_after(const store::ReadTx& tx) {
  return tx.now().ms - kFlowLife.count();
}

struct Waiting {
  std::int64_t id = 0;
  std::string client;
  std::string public_key;
};

Result<Waiting> find_waiting(store::ReadTx& tx, const secrets::Key& key, std::string_view link) {
  std::string hash = link_hash(key, link);
  auto rows = tx.query(R"sql(
    SELECT id, client, public_key FROM login_flow
    WHERE link_hash = ? AND created_at > ? AND login IS NULL)sql",
                       bytes(hash), started_after(tx));
  if (!rows.next()) return fail(Code::not_found, "no such log-in flow");
  auto public_key = rows.blob(2);
  return Waiting{rows.int64(0), std::string(rows.text(1)),
                 std::string(reinterpret_cast<const char*>(public_key.data()), public_key.size())};
}

void keep_result(store::WriteTx& tx, const Waiting& flow, std::string_view login,
                 std::string_view token, std::optional<TokenId> made) {
  std::string sealed = secrets::seal(flow.public_key, token);
  tx.execute(R"sql(UPDATE login_flow SET login = ?, sealed = ?, token_id = ? WHERE id = ?)sql",
             login, bytes(sealed), made, flow.id);
}

}  // namespace

Result<StartedFlow> start_flow(store::WriteTx& tx, const secrets::Key& key,
                               std::string_view client) {
  sweep_flows(tx, kFlowsSweptAtStart);
  {
    auto count = tx.query(R"sql(SELECT count(*) FROM login_flow)sql");
    if (count.next() && count.int64(0) >= kFlowsMax) {
      return fail(Code::too_many, "the space has its highest number of open log-ins");
    }
  }
  StartedFlow flow{secrets::random_alnum(kSecretSize), secrets::random_alnum(kSecretSize)};
  std::string poll = poll_hash(key, flow.poll);
  std::string link = link_hash(key, flow.link);
  std::string public_key = secrets::sealing_key(flow.poll);
  tx.execute(R"sql(
    INSERT INTO login_flow(poll_hash, link_hash, public_key, client, created_at)
    VALUES (?, ?, ?, ?, ?))sql",
             bytes(poll), bytes(link), bytes(public_key), internal::first_bytes(client, kClientMax),
             tx.now().ms);
  return flow;
}

Result<std::string> flow_client(store::ReadTx& tx, const secrets::Key& key, std::string_view link) {
  return TRY(find_waiting(tx, key, link)).client;
}

Result<void> grant_flow(store::WriteTx& tx, const secrets::Key& key, std::string_view link,
                        const Member& member) {
  auto flow = TRY(find_waiting(tx, key, link));
  auto token = TRY(give_token(tx, key, member.id, flow.client, TokenShape::app));
  keep_result(tx, flow, member.uid, token.secret, token.id);
  return {};
}

Result<void> grant_flow_with(store::WriteTx& tx, const secrets::Key& key, std::string_view link,
                             std::string_view login, std::string_view token) {
  auto flow = TRY(find_waiting(tx, key, link));
  keep_result(tx, flow, login, token, std::nullopt);
  return {};
}

Result<Granted> take_flow(store::WriteTx& tx, const secrets::Key& key, std::string_view poll) {
  if (poll.size() != kSecretSize) return fail(Code::not_found, "no such log-in flow");
  std::string hash = poll_hash(key, poll);
  std::int64_t id = 0;
  Granted out;
  {
    auto rows = tx.query(R"sql(
      SELECT id, login, sealed FROM login_flow
      WHERE poll_hash = ? AND created_at > ? AND login IS NOT NULL)sql",
                         bytes(hash), started_after(tx));
    if (!rows.next()) return fail(Code::not_found, "no such log-in flow");
    id = rows.int64(0);
    out.login = rows.text(1);
    auto sealed = rows.blob(2);
    auto token = secrets::unseal(
        poll, std::string_view(reinterpret_cast<const char*>(sealed.data()), sealed.size()));
    if (!token) return fail(Code::corrupt, "the result of a log-in flow does not open");
    out.token = std::move(*token);
  }
  tx.execute(R"sql(DELETE FROM login_flow WHERE id = ?)sql", id);
  return out;
}

int sweep_flows(store::WriteTx& tx, int most) {
  tx.execute(R"sql(
    DELETE FROM app_token WHERE id IN (
      SELECT token_id FROM login_flow WHERE created_at <= ? ORDER BY created_at, id LIMIT ?))sql",
             started_after(tx), most);
  return static_cast<int>(tx.execute(R"sql(
    DELETE FROM login_flow WHERE id IN (
      SELECT id FROM login_flow WHERE created_at <= ? ORDER BY created_at, id LIMIT ?))sql",
                                     started_after(tx), most));
}

}  // namespace essaim::members
