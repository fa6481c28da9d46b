// 207 answers, rendered piece by piece from values that were collected before (RFC 4918 §13).
//
// CLIENT: iOS matches the literal prefixes d, oc and nc; the desktop takes the first response as
// the folder itself and the last 200 block as the properties; Android reads the first status. So:
// prefixes declared on the root, one 200 block, first, and one 404 block after it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/http/message.h"
#include "formats/xml/reader.h"
#include "protocols/call/call.h"
#include "protocols/dav/properties.h"

namespace essaim::dav {

inline constexpr std::string_view kMultistatusOpen =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<d:multistatus xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" "
    "xmlns:oc=\"http://owncloud.org/ns\" xmlns:nc=\"http://nextcloud.org/ns\">";
inline constexpr std::string_view kMultistatusClose = "</d:multistatus>";

// The properties a PROPFIND body asks for (RFC 4918 §14.20).
struct Wanted {
  enum class Mode : std::uint8_t { named, all, names };
  struct Name {
    Name(std::string_view ns, std::string_view name);

    const Property* property;  // null: dead or unknown
    std::string ns;
    std::string name;
    // Its tags, put together once for all entries of a listing; the first two of live ones.
    std::string open;
    std::string close;
    std::string empty;
  };
  Mode mode = Mode::all;
  std::vector<Name> names;  // in the order asked; for `all`: the live ones and those in <include>
  bool minimal = false;     // Prefer: return=minimal leaves the 404 blocks out (RFC 8144 §2.1)

  bool asks(std::string_view ns, std::string_view name) const;
  // True when a dead property may be needed.
  bool needs_dead() const;
};
inline constexpr std::size_t kWantedMax = 200;  // properties in one request

// Errors: bad_request, too_large.
Result<Wanted> parse_propfind(std::string_view body);

// The same of a <d:prop>, <d:allprop> or <d:propname> inside another request.
Result<Wanted> wanted_in(const xml::Element& parent);

// One resource of a listing.
struct Entry {
  std::string href_name;  // appended to the base after a '/'; empty: the requested resource itself
  files::Node node;
  bool bare = false;  // a collection that is an address and nothing else: it has only its type
  // A child of what was asked for: the name of its node is what is appended.
  bool child = false;

  std::string_view below() const { return child ? std::string_view(node.name) : href_name; }
};

// Everything a listing needs; outlives the database turn.
struct Listing {
  std::string base;  // encoded, without trailing slash
  Wanted wanted;
  Sources sources;
  std::vector<Entry> entries;
};

// What nc:has-preview needs, when the listing asks for it. Cost: one read, and only then.
void collect_previews(store::ReadTx& tx, const call::Call& call, Listing& listing);

// Who the people are whose files are listed besides the caller's own. Cost: one read for each of
// them, and only when the listing asks for owners.
void collect_owners(store::ReadTx& tx, const call::Call& call, Listing& listing);

// With whom things are shared, and what was said about it, when the listing asks for it. Cost: a
// read for what the caller has shared of what others manage, and a few for each share that is told
// of by name.
void collect_shares(store::ReadTx& tx, const call::Call& call, Listing& listing);

// Appends one <d:response>.
void append_response(std::string& out, const Listing& listing, const Entry& entry);

// Appends the wanted properties that the entry has, without <d:prop> around them.
void append_found(std::string& out, const Listing& listing, const Entry& entry);

// The whole 207: small listings as a string, larger ones as a Source in pieces of about 64 KiB.
http::Response multistatus(Listing listing);

// Opens and closes an element of any namespace: with its prefix when it has one, else declared
// inline.
void append_open(std::string& out, std::string_view ns, std::string_view name);
void append_close(std::string& out, std::string_view ns, std::string_view name);
void append_empty(std::string& out, std::string_view ns, std::string_view name);

}  // namespace essaim::dav
