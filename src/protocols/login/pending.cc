#include "protocols/login/internal/pending.h"

#include "base/text/text.h"
#include "features/members/flows.h"
#include "formats/http/cookies.h"
#include "protocols/login/internal/agents.h"

namespace essaim::login::internal {

namespace {

constexpr std::size_t kRandomSize = 32;

std::string state_of(const call::Call& call, std::string_view cookie) {
  return sealed(call.key, call.head.host, "flow state", cookie);
}

bool old_cookie_holds(const call::Call& call, std::string_view cookie, Instant now) {
  auto last = cookie.rfind('.');
  if (last == std::string_view::npos) return false;
  std::string_view signed_part = cookie.substr(0, last);
  auto dot = signed_part.find('.');
  if (dot == std::string_view::npos) return false;
  auto end = text::to_int64(signed_part.substr(dot + 1));
  return end && *end > now.ms &&
         secrets::equal(sealed(call.key, call.head.host, "old flow", signed_part),
                        cookie.substr(last + 1));
}

}  // namespace

std::string sealed(const secrets::Key& key, std::string_view host, std::string_view use,
                   std::string_view text) {
  std::string whole(use);
  whole += ':';
  whole += host;
  whole += ':';
  whole += text;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (char c : secrets::keyed_hash(key, whole)) {
    auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::optional<Pending> pending_flow(store::ReadTx& tx, const call::Call& call, Version version) {
  auto cookie =
      http::find_cookie(call.head.headers, call::cookie_name(call.head, kFlowCookie)).value_or("");
  if (!cookie.starts_with(static_cast<char>(version))) return std::nullopt;
  if (version == Version::v1) {
    if (!old_cookie_holds(call, cookie, tx.now())) return std::nullopt;
    return old_flow(call, cookie);
  }
  auto client = members::flow_client(tx, call.key, cookie.substr(1));
  if (!client) return std::nullopt;
  return Pending{version, std::move(*client), std::string(cookie.substr(1)),
                 state_of(call, cookie)};
}

std::optional<Pending> pending_flow(store::ReadTx& tx, const call::Call& call, Version version,
                                    std::string_view state) {
  auto flow = pending_flow(tx, call, version);
  if (!flow || !secrets::equal(flow->state, state)) return std::nullopt;
  return flow;
}

std::string old_flow_cookie(const call::Call& call, Instant now) {
  std::string out = "1" + secrets::random_alnum(kRandomSize) + '.' +
                    std::to_string(now.ms + members::kFlowLife.count());
  out += '.' + sealed(call.key, call.head.host, "old flow", out);
  return out;
}

Pending old_flow(const call::Call& call, std::string_view cookie) {
  return {Version::v1, agent_of(call.head), {}, state_of(call, cookie)};
}

}  // namespace essaim::login::internal
