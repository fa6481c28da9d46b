// Who is calling: Basic credentials, those of a form, or a session to a member of the space;
// throttling of failed log-ins; human passwords verified on a pool of their own.
//
// App tokens are looked up at every request and cost nothing; a human password costs 40 ms of CPU
// once, and is then believed for a while, as long as the stored hash is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/secrets/secrets.h"
#include "base/time/clock.h"
#include "features/access/access.h"
#include "formats/http/authorization.h"
#include "formats/http/message.h"
#include "space/store/tx.h"

namespace essaim::gate {

struct Limits {
  int hash_slots = 2;                  // argon2 computations at once
  int hash_queue_max = 1'024;          // waiting ones; beyond: too_many
  int hash_space_max = 32;             // of them for one space; spaces take turns
  int hash_address_max = 32;           // of them from one address, over all spaces
  Duration password_cache{600'000};    // a verified password is believed for this long
  int password_cache_max = 10'000;     // entries
  int failures_free = 10;              // failed log-ins of an account from an address
  int failures_address_free = 100;     // of one address over all accounts of a space
  int codes_free = 10;                 // one-time codes tried for an account from an address
  int codes_account_free = 20;         // the same from everywhere: who tries has the password
  Duration failure_window{900'000};    // they are forgotten after this
  int throttle_entries_max = 100'000;  // remembered (account, address) pairs
  Duration in_person{1'800'000};       // a session counts as its person's for this long
  Duration token_touch{300'000};       // "last used" of a token or session is at most this old
  int flows_per_window = 30;           // log-in flows that one address may start in a space
  Duration flow_window{60'000};
};

// What a request's credentials turned out to be.
struct Identity {
  enum class Kind : std::uint8_t {
    anonymous,   // no credentials
    known,       // `caller` is set
    refused,     // wrong, or a disabled account
    throttled,   // too many failures: try again later
    unverified,  // a password: ask Gate::verify, then identify again
    half,        // a right password, where it alone does not open: an app token is needed
  };
  Kind kind = Kind::anonymous;
  access::Caller caller;
  std::optional<std::string> password_hash;  // when unverified; none: no such account
  bool touch = false;                        // "last used" of the token or session is due
};

// Which secrets count. A form for people takes no app token, and the other way round.
enum class Accepts : std::uint8_t { both, password, token };

class Gate {
 public:
  Gate(const secrets::Key& key, const Clock& clock, Limits limits = {});
  ~Gate();

  // All in a turn of the space. Cost: 3 indexed reads.
  // By the Authorization of a request.
  Identity identify(store::ReadTx& tx, const http::RequestHead& head);
  // By what was typed into a form; `address` is the client's.
  Identity identify(store::ReadTx& tx, const http::BasicCredentials& typed, Accepts accepts,
                    std::string_view address);
  // By the secret of a session: known or anonymous.
  Identity identify_session(store::ReadTx& tx, std::string_view secret);

  // Counts one more log-in flow of this address. False: too many in this while.
  bool may_start_flow(const SpaceId& space, std::string_view address);

  // Hashes on the pool and calls `done` there: true when the password is right. Unknown accounts
  // take the same time. A failure counts against the account and the address. Errors: too_many (as
  // many wait as may, of all, of the space or from the address).
  void verify(const SpaceId& space, http::BasicCredentials credentials, std::string address,
              std::optional<std::string> password_hash, Done<Result<bool>> done);

  // Counts a try of a one-time code before it is looked at, so that many at once do not slip
  // through. False: too many.
  bool may_try_code(const SpaceId& space, std::string_view uid, std::string_view address);
  // How it went. A right one takes the counted tries back.
  enum class Tried : bool { wrong, right };
  void tried_code(const SpaceId& space, std::string_view uid, std::string_view address, Tried how);

  // Hashes a new password on the pool and calls `done` there. Errors: too_many, as verify.
  void hash(const SpaceId& space, std::string password, std::string_view address,
            Done<Result<std::string>> done);

  const Limits& limits() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace essaim::gate
