#include "protocols/dav/multistatus.h"

#include <algorithm>
#include <bitset>

#include "base/text/text.h"
#include "formats/xml/writer.h"

namespace essaim::dav {

namespace {

constexpr std::size_t kInlineEntries = 64;  // rendered at once, inside the turn
constexpr std::size_t kPieceBytes = 64 * 1024;

std::string_view prefix_of(std::string_view ns) {
  if (ns == kDavNs) return "d:";
  if (ns == kOcNs) return "oc:";
  if (ns == kNcNs) return "nc:";
  return {};
}

const files::DeadProperty* find_dead(const Listing& listing, NodeId node,
                                     const Wanted::Name& name) {
  auto found = listing.sources.dead.find(node.value);
  if (found == listing.sources.dead.end()) return nullptr;
  for (const auto& dead : found->second) {
    if (dead.name == name.name && dead.ns == name.ns) return &dead;
  }
  return nullptr;
}

void append_dead(std::string& out, const files::DeadProperty& dead) {
  append_open(out, dead.ns, dead.name);
  out += dead.value;
  append_close(out, dead.ns, dead.name);
}

// Appends the property's element; false when the node does not have it, and then nothing was
// appended.
bool append_property(std::string& out, const Listing& listing, const Entry& entry,
                     const Wanted::Name& name) {
  if (name.property == nullptr) {
    const auto* dead = find_dead(listing, entry.node.id, name);
    if (dead != nullptr) append_dead(out, *dead);
    return dead != nullptr;
  }
  if (entry.bare && name.property->name != "resourcetype") return false;
  std::size_t start = out.size();
  out += name.open;
  if (!name.property->get(out, entry.node, listing.sources)) {
    out.resize(start);
    return false;
  }
  out += name.close;
  return true;
}

void append_names(std::string& out, const Listing& listing, const Entry& entry) {
  std::string ignored;
  for (const Property& property : properties()) {
    ignored.clear();
    if (entry.bare && property.name != "resourcetype") continue;
    if (!property.get(ignored, entry.node, listing.sources)) continue;
    append_empty(out, property.ns, property.name);
  }
  auto found = listing.sources.dead.find(entry.node.id.value);
  if (found == listing.sources.dead.end()) return;
  for (const auto& dead : found->second) append_empty(out, dead.ns, dead.name);
}

void append_all_dead(std::string& out, const Listing& listing, const Entry& entry) {
  auto found = listing.sources.dead.find(entry.node.id.value);
  if (found == listing.sources.dead.end()) return;
  for (const auto& dead : found->second) append_dead(out, dead);
}

class ListingSource final : public http::Source {
 public:
  explicit ListingSource(Listing listing) : listing_(std::move(listing)) {}
  Result<std::string> next() override {
    std::string out;
    if (closed_) return out;
    out.reserve(kPieceBytes + 4096);
    if (at_ == 0) out += kMultistatusOpen;
    while (at_ < listing_.entries.size() && out.size() < kPieceBytes) {
      append_response(out, listing_, listing_.entries[at_++]);
    }
    if (at_ == listing_.entries.size()) {
      out += kMultistatusClose;
      closed_ = true;
    }
    return out;
  }

 private:
  Listing listing_;
  std::size_t at_ = 0;
  bool closed_ = false;
};

void add_live(Wanted& wanted) {
  for (const Property& property : properties()) {
    if (!property.in_allprop) continue;
    wanted.names.emplace_back(property.ns, property.name);
  }
}

void append_wanted(Wanted& wanted, const xml::Element& list) {
  for (const xml::Element& each : list.content) {
    if (each.is_text()) continue;
    wanted.names.emplace_back(each.ns, each.name);
  }
}

}  // namespace

bool Wanted::asks(std::string_view ns, std::string_view name) const {
  if (mode == Mode::names) return true;
  return std::ranges::any_of(names,
                             [&](const Name& each) { return each.name == name && each.ns == ns; });
}

bool Wanted::needs_dead() const {
  return mode != Mode::named ||
         std::ranges::any_of(names, [](const Name& each) { return each.property == nullptr; });
}

Wanted::Name::Name(std::string_view ns_in, std::string_view name_in)
    : property(find_property(ns_in, name_in)), ns(ns_in), name(name_in) {
  append_empty(empty, ns, name);
  if (property == nullptr) return;
  // The end goes without the declaration of a prefix that only this element has.
  std::string_view qualified = property->qualified;
  open.append("<").append(qualified).append(">");
  close.append("</").append(qualified.substr(0, qualified.find(' '))).append(">");
}

Result<Wanted> wanted_in(const xml::Element& parent) {
  Wanted wanted;
  const xml::Element* prop = parent.child(kDavNs, "prop");
  if (parent.child(kDavNs, "propname") != nullptr) {
    wanted.mode = Wanted::Mode::names;
  } else if (prop != nullptr) {
    wanted.mode = Wanted::Mode::named;
    append_wanted(wanted, *prop);
  } else if (parent.child(kDavNs, "allprop") != nullptr) {
    add_live(wanted);
    if (const auto* include = parent.child(kDavNs, "include")) append_wanted(wanted, *include);
  } else {
    return fail(Code::bad_request, "asks for nothing");
  }
  if (wanted.names.size() > kWantedMax) return fail(Code::too_large, "too many properties");
  return wanted;
}

Result<Wanted> parse_propfind(std::string_view body) {
  if (text::trim(body).empty()) {
    Wanted wanted;
    add_live(wanted);
    return wanted;
  }
  auto root = TRY(xml::read(body));
  if (!root.is(kDavNs, "propfind")) return fail(Code::bad_request, "not a propfind");
  return wanted_in(root);
}

void append_open(std::string& out, std::string_view ns, std::string_view name) {
  std::string_view prefix = prefix_of(ns);
  out += '<';
  if (!prefix.empty()) {
    out += prefix;
    out += name;
  } else if (ns.empty()) {
    out += name;
  } else {
    out += "x1:";
    out += name;
    out += " xmlns:x1=\"";
    xml::append_escaped(out, ns);
    out += '"';
  }
  out += '>';
}

void append_close(std::string& out, std::string_view ns, std::string_view name) {
  std::string_view prefix = prefix_of(ns);
  out += "</";
  out += !prefix.empty() ? prefix : (ns.empty() ? "" : "x1:");
  out += name;
  out += '>';
}

void append_empty(std::string& out, std::string_view ns, std::string_view name) {
  append_open(out, ns, name);
  out.back() = '/';
  out += '>';
}

void collect_previews(store::ReadTx& tx, const call::Call& call, Listing& listing) {
  if (!listing.wanted.asks(kNcNs, "has-preview")) return;
  if (call.previews == previews::Offer::nothing) return;
  listing.sources.previews = call.previews;
  listing.sources.no_preview = previews::failures(tx);
}

namespace {

// A path that was encoded holds one character that XML writes otherwise.
void append_href_path(std::string& out, std::string_view path) {
  std::size_t start = out.size();
  text::append_percent_encoded_path(out, path);
  if (path.find('&') == std::string_view::npos) return;
  std::string encoded = out.substr(start);
  out.resize(start);
  xml::append_escaped(out, encoded);
}

}  // namespace

void append_response(std::string& out, const Listing& listing, const Entry& entry) {
  out += "<d:response><d:href>";
  xml::append_escaped(out, listing.base);
  if (std::string_view below = entry.below(); !below.empty()) {
    out += '/';
    append_href_path(out, below);
  }
  if (entry.node.is_folder()) out += '/';
  out += "</d:href><d:propstat><d:prop>";
  std::size_t empty_at = out.size();
  std::bitset<kWantedMax> missing;
  if (listing.wanted.mode == Wanted::Mode::names) {
    append_names(out, listing, entry);
  } else {
    bool all = listing.wanted.mode == Wanted::Mode::all;
    const auto& names = listing.wanted.names;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!append_property(out, listing, entry, names[i]) && !all) missing.set(i);
    }
    if (all) append_all_dead(out, listing, entry);
  }
  // CLIENT: a response needs at least one propstat (RFC 4918 §14.24); an empty 200 block only then.
  bool found_any = out.size() > empty_at;
  if (found_any || missing.none() || listing.wanted.minimal) {
    out += "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>";
  } else {
    out.resize(empty_at - std::string_view("<d:propstat><d:prop>").size());
  }
  if (missing.any() && !listing.wanted.minimal) {
    out += "<d:propstat><d:prop>";
    for (std::size_t i = 0; i < listing.wanted.names.size(); ++i) {
      if (missing[i]) out += listing.wanted.names[i].empty;
    }
    out += "</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>";
  }
  out += "</d:response>";
}

void append_found(std::string& out, const Listing& listing, const Entry& entry) {
  for (const auto& name : listing.wanted.names) append_property(out, listing, entry, name);
}

http::Response multistatus(Listing listing) {
  http::Response response;
  response.status = 207;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  if (listing.wanted.minimal) response.headers.set("Preference-Applied", "return=minimal");
  if (listing.entries.size() <= kInlineEntries) {
    std::string body(kMultistatusOpen);
    for (const Entry& entry : listing.entries) append_response(body, listing, entry);
    body += kMultistatusClose;
    response.body = std::move(body);
  } else {
    response.body = std::make_unique<ListingSource>(std::move(listing));
  }
  return response;
}

}  // namespace essaim::dav
