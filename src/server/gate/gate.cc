#include "server/gate/gate.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "base/text/text.h"
#include "features/members/members.h"
#include "features/members/second_factor.h"
#include "features/members/sessions.h"
#include "formats/http/authorization.h"
#include "platform/loop/workers.h"
#include "server/gate/believed.h"
#include "server/gate/throttle.h"

namespace essaim::gate {

namespace {

constexpr std::size_t kTokenSize = 72;

bool plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool token_shaped(std::string_view password) {
  return password.size() == kTokenSize && std::ranges::all_of(password, plain);
}

// Five groups of five. A person may have chosen such a password for themselves.
bool typed_token_shaped(std::string_view password) {
  if (password.size() != 29) return false;
  for (std::size_t i = 0; i < password.size(); ++i) {
    if (i % 6 == 5 ? password[i] != '-' : !plain(password[i])) return false;
  }
  return true;
}

std::string joined(std::string_view a, std::string_view b, std::string_view c) {
  std::string out(a);
  out.push_back('\0');
  out += b;
  out.push_back('\0');
  out += c;
  return out;
}

}  // namespace

struct Gate::Impl {
  Impl(const secrets::Key& secret, const Clock& clock, const Limits& wanted)
      : key(secret),
        limits(wanted),
        believed(clock, wanted.password_cache, static_cast<std::size_t>(wanted.password_cache_max)),
        accounts(clock, wanted.failure_window,
                 static_cast<std::size_t>(wanted.throttle_entries_max)),
        addresses(clock, wanted.failure_window,
                  static_cast<std::size_t>(wanted.throttle_entries_max)),
        codes(clock, wanted.failure_window, static_cast<std::size_t>(wanted.throttle_entries_max)),
        flows(clock, wanted.flow_window, static_cast<std::size_t>(wanted.throttle_entries_max)),
        pool(wanted.hash_slots, "hash",
             {.waiting_of_one = static_cast<std::size_t>(wanted.hash_space_max),
              .waiting_of_all = static_cast<std::size_t>(wanted.hash_queue_max)}) {}

  const secrets::Key& key;
  Limits limits;
  Believed believed;
  Throttle accounts;
  Throttle addresses;
  Throttle codes;  // apart from passwords: whoever types a name there must not close this one
  Rate flows;
  std::mutex hashing_mutex;
  std::unordered_map<std::string, int> hashing;  // by network: passwords that wait for the pool
  loop::Workers pool;  // by space; last: its threads end before what they use

  // A hash, because the name is what a stranger sent: thousands of bytes, should he like.
  std::string account_key(const SpaceId& space, std::string_view user,
                          std::string_view address) const {
    return secrets::keyed_hash(key,
                               joined(space.value, text::lower_ascii(user), network_of(address)));
  }
  static std::string address_key(const SpaceId& space, std::string_view address) {
    return joined(space.value, network_of(address), {});
  }
  std::string believed_key(const SpaceId& space, const http::BasicCredentials& credentials) const {
    return secrets::keyed_hash(
        key, joined(space.value, text::lower_ascii(credentials.user), credentials.password));
  }
  bool throttled(const SpaceId& space, std::string_view user, std::string_view address) const {
    return accounts.failures(account_key(space, user, address)) >= limits.failures_free ||
           addresses.failures(address_key(space, address)) >= limits.failures_address_free;
  }
  void count_failure(const SpaceId& space, std::string_view user, std::string_view address) {
    accounts.fail(account_key(space, user, address));
    addresses.fail(address_key(space, address));
  }
  bool may_hash(const std::string& network);
  void has_hashed(const std::string& network);
  bool check(const SpaceId& space, const http::BasicCredentials& credentials,
             const std::string& address, const std::optional<std::string>& password_hash);
  Identity by_token(store::ReadTx& tx, const http::BasicCredentials& credentials,
                    std::string_view address);
  Identity by_password(store::ReadTx& tx, const http::BasicCredentials& credentials,
                       Accepts accepts, std::string_view address);
  bool due(Instant now, std::optional<Instant> used) const {
    return !used || now.ms - used->ms > limits.token_touch.count();
  }
};

Identity Gate::Impl::by_token(store::ReadTx& tx, const http::BasicCredentials& credentials,
                              std::string_view address) {
  Identity out;
  auto token = members::find_token(tx, key, credentials.password);
  auto member = token ? members::find(tx, token->member) : fail(Code::not_found);
  bool same =
      member && (text::equal_ignoring_case(member->uid, credentials.user) ||
                 (member->email && text::equal_ignoring_case(*member->email, credentials.user)));
  if (same && !member->disabled && !token->wipe) {
    out.kind = Identity::Kind::known;
    out.caller = access::caller_of(tx, *member, token->id);
    out.touch = due(tx.now(), token->used);
    return out;
  }
  // CLIENT: a 401 is what makes the desktop, Android and iOS ask whether they shall be wiped. They
  // keep trying, and their right token is no guess.
  if (same && token->wipe) {
    out.kind = Identity::Kind::refused;
    return out;
  }
  // A right token is never throttled: nobody guesses 72 characters.
  bool slow = throttled(tx.facts().id, credentials.user, address);
  if (!slow) count_failure(tx.facts().id, credentials.user, address);
  out.kind = slow ? Identity::Kind::throttled : Identity::Kind::refused;
  return out;
}

Identity Gate::Impl::by_password(store::ReadTx& tx, const http::BasicCredentials& credentials,
                                 Accepts accepts, std::string_view address) {
  Identity out;
  auto member = members::find_login(tx, credentials.user);
  if (member) out.password_hash = members::password_hash(tx, member->id);
  if (member && out.password_hash &&
      believed.holds(believed_key(tx.facts().id, credentials), *out.password_hash)) {
    out.kind = member->disabled ? Identity::Kind::refused : Identity::Kind::known;
    out.caller = access::caller_of(tx, *member, TokenId{});
    // A form goes on to ask for the code; a client cannot.
    bool alone = accepts != Accepts::both ||
                 members::second_step(tx, member->id, member->role) == members::SecondStep::none;
    if (!alone && !member->disabled) out.kind = Identity::Kind::half;
    return out;
  }
  // A disabled account takes as long as a known one and is then refused.
  if (member && member->disabled) out.password_hash.reset();
  out.kind = throttled(tx.facts().id, credentials.user, address) ? Identity::Kind::throttled
                                                                 : Identity::Kind::unverified;
  return out;
}

// Counts a password of this network until has_hashed(); false when as many wait as may.
bool Gate::Impl::may_hash(const std::string& network) {
  std::lock_guard lock(hashing_mutex);
  int& waiting = hashing[network];
  if (waiting >= limits.hash_address_max) return false;
  ++waiting;
  return true;
}

void Gate::Impl::has_hashed(const std::string& network) {
  std::lock_guard lock(hashing_mutex);
  auto found = hashing.find(network);
  if (--found->second == 0) hashing.erase(found);
}

// On the pool.
bool Gate::Impl::check(const SpaceId& space, const http::BasicCredentials& credentials,
                       const std::string& address,
                       const std::optional<std::string>& password_hash) {
  bool right = false;
  if (password_hash) {
    right = secrets::verify_password(*password_hash, credentials.password);
  } else {
    secrets::verify_nothing(credentials.password);
  }
  if (right) {
    believed.add(believed_key(space, credentials), *password_hash);
    accounts.forget(account_key(space, credentials.user, address));
  } else {
    count_failure(space, credentials.user, address);
  }
  return right;
}

Gate::Gate(const secrets::Key& key, const Clock& clock, Limits limits)
    : impl_(std::make_unique<Impl>(key, clock, limits)) {}

Gate::~Gate() = default;

const Limits& Gate::limits() const {
  return impl_->limits;
}

Identity Gate::identify(store::ReadTx& tx, const http::RequestHead& head) {
  auto header = head.headers.get("Authorization");
  if (!header) return {};
  auto credentials = http::parse_basic(*header);
  if (!credentials) {
    Identity out;
    out.kind = Identity::Kind::refused;
    return out;
  }
  return identify(tx, *credentials, Accepts::both, head.remote_address);
}

Identity Gate::identify(store::ReadTx& tx, const http::BasicCredentials& typed, Accepts accepts,
                        std::string_view address) {
  bool token = token_shaped(typed.password);
  if (accepts == Accepts::both && typed_token_shaped(typed.password)) {
    token = members::find_token(tx, impl_->key, typed.password).has_value();
  }
  if (accepts != Accepts::both) token = accepts == Accepts::token;
  if (token) return impl_->by_token(tx, typed, address);
  return impl_->by_password(tx, typed, accepts, address);
}

Identity Gate::identify_session(store::ReadTx& tx, std::string_view secret) {
  Identity out;
  if (secret.empty()) return out;
  auto session = members::find_session(tx, impl_->key, secret);
  if (!session) return out;
  auto member = members::find(tx, session->member);
  if (!member || member->disabled) return out;
  out.kind = Identity::Kind::known;
  out.caller = access::caller_of(tx, *member, TokenId{});
  out.caller.session = session->id;
  out.caller.in_person = tx.now().ms - session->created.ms <= impl_->limits.in_person.count();
  out.touch = impl_->due(tx.now(), session->used);
  return out;
}

bool Gate::may_start_flow(const SpaceId& space, std::string_view address) {
  return impl_->flows.count(Impl::address_key(space, address)) <= impl_->limits.flows_per_window;
}

bool Gate::may_try_code(const SpaceId& space, std::string_view uid, std::string_view address) {
  std::string here = impl_->account_key(space, uid, address);
  std::string anywhere = impl_->account_key(space, uid, {});
  bool over = impl_->codes.failures(here) >= impl_->limits.codes_free ||
              impl_->codes.failures(anywhere) >= impl_->limits.codes_account_free ||
              impl_->addresses.failures(Impl::address_key(space, address)) >=
                  impl_->limits.failures_address_free;
  if (over) return false;
  impl_->codes.fail(here);
  impl_->codes.fail(anywhere);
  return true;
}

void Gate::tried_code(const SpaceId& space, std::string_view uid, std::string_view address,
                      Tried how) {
  if (how == Tried::wrong) return impl_->addresses.fail(Impl::address_key(space, address));
  impl_->codes.forget(impl_->account_key(space, uid, address));
  impl_->codes.forgive(impl_->account_key(space, uid, {}));
}

void Gate::hash(const SpaceId& space, std::string password, std::string_view address,
                Done<Result<std::string>> done) {
  auto shared = std::make_shared<Done<Result<std::string>>>(std::move(done));
  std::string network = network_of(address);
  if (!impl_->may_hash(network)) {
    return (*shared)(fail(Code::too_many, "passwords of one address"));
  }
  bool posted = impl_->pool.run(
      space.value, [impl = impl_.get(), network, shared, password = std::move(password)] {
        std::string hash = secrets::hash_password(password);
        impl->has_hashed(network);
        (*shared)(std::move(hash));
      });
  if (posted) return;
  impl_->has_hashed(network);
  (*shared)(fail(Code::too_many, "the password queue is full"));
}

void Gate::verify(const SpaceId& space, http::BasicCredentials credentials, std::string address,
                  std::optional<std::string> password_hash, Done<Result<bool>> done) {
  // `done` is needed both by the job and by the refusal.
  auto shared = std::make_shared<Done<Result<bool>>>(std::move(done));
  std::string network = network_of(address);
  if (!impl_->may_hash(network)) {
    return (*shared)(fail(Code::too_many, "passwords of one address"));
  }
  bool posted =
      impl_->pool.run(space.value, [impl = impl_.get(), space, address = std::move(address),
                                    credentials = std::move(credentials),
                                    password_hash = std::move(password_hash), network, shared] {
        bool right = impl->check(space, credentials, address, password_hash);
        impl->has_hashed(network);
        (*shared)(right);
      });
  if (posted) return;
  impl_->has_hashed(network);
  (*shared)(fail(Code::too_many, "the password queue is full"));
}

}  // namespace essaim::gate
