// What every handler is given, and what it gives back. A handler is a plain function that runs to
// its end on a worker, inside a turn of the space's lane when it needs the database.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secrets/secrets.h"
#include "features/access/access.h"
#include "features/members/picture.h"
#include "features/previews/previews.h"
#include "formats/http/message.h"
#include "space/blobs/blobs.h"
#include "space/store/tx.h"

namespace essaim::call {

enum class Language : std::uint8_t { french, english };

// The first of the two that Accept-Language names with the highest weight; French otherwise.
Language language_of(const http::Headers& headers);

// What a handler may know about the space besides its database.
struct SpaceView {
  std::string slug;
  std::string display_name;
  std::string main_host;
};

// Runs a function in a read turn of its own; see Call::later.
using Later = std::function<Result<void>(const std::function<void(store::ReadTx&)>&)>;

// What became of the name and password in a form, on routes that take one.
enum class FormSignIn : std::uint8_t {
  none,       // neither came
  right,      // `caller` is who they belong to
  wrong,      // or a disabled account
  throttled,  // too many failures, or too many waiting: try again later
};

struct Call {
  const http::RequestHead& head;
  const SpaceView& space;
  const access::Caller* caller = nullptr;    // null: nobody is signed in
  std::string_view body;                     // a body kept in memory
  const blobs::SpooledBlob* blob = nullptr;  // a body that became a blob
  blobs::Store& blobs;
  const secrets::Key& key;
  Language language = Language::french;
  // Whether a host name belongs to this space.
  const std::function<bool(std::string_view)>& owns_host;
  // For bodies that are made while they are sent: runs one more read turn of this space, and waits
  // for it. To be copied; never called in a turn. Errors: those of a turn.
  Later later = {};
  // Which previews can be made.
  previews::Offer previews = previews::Offer::nothing;
  FormSignIn form = FormSignIn::none;
  // Of the password that the request brings, where the route takes one; empty: it brings none that
  // counts, or it could not be hashed now.
  std::string_view password_hash = {};
  // What was drawn from the file in the form, on routes that take a picture of a person, or why
  // nothing was; not_found: no file was chosen.
  const Result<members::Picture>* portrait = nullptr;
};

// The name of a cookie as it goes over the wire: with a prefix that binds it to this one host under
// https, where the browser enforces it; plain without TLS, where it would be refused.
std::string cookie_name(const http::RequestHead& head, std::string_view name);
// The secret of the session cookie; empty when there is none, or when the request carries an
// Authorization: clients that sign every request keep a cookie jar all the same, and what is in it
// must never count against their credentials.
std::string_view session_secret(const http::RequestHead& head);
inline constexpr std::string_view kSessionCookie = "essaim-session";

// True when a browser says that a page of this very site sent the request (Sec-Fetch-Site), or its
// Origin is ours. Spaces share a registered domain, so SameSite does not part them.
bool from_our_pages(const http::RequestHead& head);

// "https://voile.example.org:8443", as the client sees it; without trailing slash.
std::string base_url(const Call& call);

// What a write handler answers, and whether its rows stay. A refusal keeps nothing.
enum class Keep : bool { no, yes };
struct Answer {
  Answer(http::Response answer)  // NOLINT: implicit on purpose
      : response(std::move(answer)), keep(response.status < 400 ? Keep::yes : Keep::no) {}
  Answer(http::Response answer, Keep rows) : response(std::move(answer)), keep(rows) {}
  http::Response response;
  Keep keep;
  // On routes that take a one-time code: those tried before are forgiven.
  enum class CodeTyped : std::uint8_t { wrong, right };
  CodeTyped code = CodeTyped::wrong;
};

// The four kinds of handler.
using Plain = http::Response (*)(const Call&);
using Read = http::Response (*)(store::ReadTx&, const Call&);
using Write = Answer (*)(store::WriteTx&, const Call&);
// Before a write: the password that the request wants to set, which is then hashed outside the
// lane. Empty when there is none, or when the write is going to refuse it anyway.
using NewPassword = std::string (*)(store::ReadTx&, const Call&);
// Admission, before the body is read.
struct Admitted {
  std::optional<http::Response> refusal;
  ByteCount room = 0;  // how many bytes may come when their number was not announced
};
using Admit = Admitted (*)(store::ReadTx&, const Call&);

}  // namespace essaim::call
