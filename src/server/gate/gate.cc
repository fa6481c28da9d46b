#include "server/gate/gate.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/text/text.h"
#include "features/members/members.h"
#include "features/members/sessions.h"
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

access::Caller caller_of(const members::Member& member, TokenId token) {
  return {.member = member.id,
          .uid = member.uid,
          .display = member.display,
          .email = member.email,
          .role = member.role,
          .quota_bytes = member.quota_bytes,
          .locale = member.locale,
          .home = member.home,
          .seen = member.seen.value_or(Instant{}),
          .token = token};
}

std::string joined(std::string_view a, std::string_view b, std::string_view c) {
  std::string out(a);
  out.push_back('\0');
  out += b;
  out.push_back('\0');
  out += c;
  return out;
}

// Passwords that were verified a short while ago. Holds a keyed hash of the credentials, never the
// password; an entry is worth something only while the stored hash is still the same.
class Believed {
 public:
  Believed(const Clock& clock, Duration life, std::size_t most)
      : clock_(clock), life_(life), most_(most) {}

  void add(const std::string& key, std::string password_hash) {
    std::lock_guard lock(mutex_);
    if (entries_.size() >= most_) entries_.clear();
    entries_[key] = {std::move(password_hash), {clock_.now().ms + life_.count()}};
  }

  bool holds(const std::string& key, std::string_view password_hash) const {
    std::lock_guard lock(mutex_);
    auto at = entries_.find(key);
    return at != entries_.end() && at->second.until > clock_.now() &&
           secrets::equal(at->second.password_hash, password_hash);
  }

 private:
  struct Entry {
    std::string password_hash;
    Instant until;
  };
  const Clock& clock_;
  Duration life_;
  std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

// The few threads that may compute argon2.
class HashPool {
 public:
  HashPool(int slots, int queue_max) : queue_max_(static_cast<std::size_t>(queue_max)) {
    for (int i = 0; i < slots; ++i) threads_.emplace_back([this] { work(); });
  }
  ~HashPool() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  bool post(std::move_only_function<void()> job) {
    {
      std::lock_guard lock(mutex_);
      if (jobs_.size() >= queue_max_) return false;
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }
  std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

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
        flows(clock, wanted.flow_window, static_cast<std::size_t>(wanted.throttle_entries_max)),
        pool(wanted.hash_slots, wanted.hash_queue_max) {}

  const secrets::Key& key;
  Limits limits;
  Believed believed;
  Throttle accounts;
  Throttle addresses;
  Rate flows;
  HashPool pool;  // last: its threads end before what they use

  static std::string account_key(const SpaceId& space, std::string_view user,
                                 std::string_view address) {
    return joined(space.value, text::lower_ascii(user), network_of(address));
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
  Identity by_token(store::ReadTx& tx, const http::BasicCredentials& credentials,
                    std::string_view address);
  Identity by_password(store::ReadTx& tx, const http::BasicCredentials& credentials,
                       std::string_view address);
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
    out.caller = caller_of(*member, token->id);
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
                                 std::string_view address) {
  Identity out;
  auto member = members::find_login(tx, credentials.user);
  if (member) out.password_hash = members::password_hash(tx, member->id);
  if (member && out.password_hash &&
      believed.holds(believed_key(tx.facts().id, credentials), *out.password_hash)) {
    out.kind = member->disabled ? Identity::Kind::refused : Identity::Kind::known;
    out.caller = caller_of(*member, TokenId{});
    return out;
  }
  // A disabled account takes as long as a known one and is then refused.
  if (member && member->disabled) out.password_hash.reset();
  out.kind = throttled(tx.facts().id, credentials.user, address) ? Identity::Kind::throttled
                                                                 : Identity::Kind::unverified;
  return out;
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
  return token ? impl_->by_token(tx, typed, address) : impl_->by_password(tx, typed, address);
}

Identity Gate::identify_session(store::ReadTx& tx, std::string_view secret) {
  Identity out;
  if (secret.empty()) return out;
  auto session = members::find_session(tx, impl_->key, secret);
  if (!session) return out;
  auto member = members::find(tx, session->member);
  if (!member || member->disabled) return out;
  out.kind = Identity::Kind::known;
  out.caller = caller_of(*member, TokenId{});
  out.caller.session = session->id;
  out.touch = impl_->due(tx.now(), session->used);
  return out;
}

bool Gate::may_start_flow(const SpaceId& space, std::string_view address) {
  return impl_->flows.count(Impl::address_key(space, address)) <= impl_->limits.flows_per_window;
}

void Gate::verify(const SpaceId& space, http::BasicCredentials credentials, std::string address,
                  std::optional<std::string> password_hash, Done<Result<bool>> done) {
  // `done` is needed both by the job and by the refusal.
  auto shared = std::make_shared<Done<Result<bool>>>(std::move(done));
  bool posted = impl_->pool.post([impl = impl_.get(), space, address = std::move(address),
                                  credentials = std::move(credentials),
                                  password_hash = std::move(password_hash), shared] {
    bool right = false;
    if (password_hash) {
      right = secrets::verify_password(*password_hash, credentials.password);
    } else {
      secrets::verify_nothing(credentials.password);
    }
    if (right) {
      impl->believed.add(impl->believed_key(space, credentials), *password_hash);
      impl->accounts.forget(Impl::account_key(space, credentials.user, address));
    } else {
      impl->count_failure(space, credentials.user, address);
    }
    (*shared)(right);
  });
  if (!posted) (*shared)(fail(Code::too_many, "the password queue is full"));
}

}  // namespace essaim::gate
