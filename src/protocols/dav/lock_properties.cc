// What listings say of locks.
#include "base/text/text.h"
#include "formats/xml/writer.h"
#include "protocols/dav/address.h"
#include "protocols/dav/locks.h"

namespace essaim::dav {

namespace {

constexpr std::string_view kAsked[] = {
    "lock",         "lock-owner",        "lock-owner-displayname", "lock-time",
    "lock-timeout", "lock-owner-editor", "lock-owner-type",        "lock-token"};

bool asks_for_locks(const Wanted& wanted) {
  if (wanted.mode == Wanted::Mode::names || wanted.asks(kDavNs, "lockdiscovery")) return true;
  for (std::string_view name : kAsked) {
    if (wanted.asks(kNcNs, name)) return true;
  }
  return false;
}

void append_seconds(std::string& out, Duration span) {
  out += std::to_string(std::max<std::int64_t>(span.count() / 1000, 0));
}

}  // namespace

void append_active_lock(std::string& out, const Sources::ShownLock& shown, MemberId caller,
                        Instant now) {
  const files::Lock& lock = shown.lock;
  out += "<d:activelock><d:locktype><d:write/></d:locktype><d:lockscope>";
  out += lock.scope == files::LockScope::shared ? "<d:shared/>" : "<d:exclusive/>";
  out += "</d:lockscope><d:depth>";
  out += lock.depth == files::LockDepth::infinity ? "infinity" : "0";
  out += "</d:depth>";
  if (!lock.owner.empty()) out += "<d:owner>" + lock.owner + "</d:owner>";
  out += "<d:timeout>Second-";
  append_seconds(out, Duration{lock.expires.ms - now.ms});
  out += "</d:timeout>";
  if (lock.member == caller) {
    out += "<d:locktoken><d:href>";
    out += files::kLockTokenScheme;
    out += lock.token;
    out += "</d:href></d:locktoken>";
  }
  out += "<d:lockroot><d:href>";
  xml::append_escaped(out, shown.root);
  out += "</d:href></d:lockroot></d:activelock>";
}

void collect_locks(store::ReadTx& tx, const call::Call& call, Listing& listing) {
  if (!asks_for_locks(listing.wanted)) return;
  Sources& sources = listing.sources;
  sources.caller = call.caller->member;
  sources.now = tx.now();
  const files::Node& self = listing.entries.front().node;
  access::Place place{sources.root};
  std::vector<Sources::ShownLock> inherited;
  for (auto& lock : files::covering_locks(tx, self.id)) {
    auto path = files::path_of(tx, *call.caller, place, lock.node);
    if (!path) continue;
    Sources::ShownLock shown{std::move(lock), href_of(call, *path)};
    if (shown.lock.depth == files::LockDepth::infinity) inherited.push_back(shown);
    sources.locks[self.id.value].push_back(std::move(shown));
  }
  if (listing.entries.size() == 1) return;
  auto own_path = files::path_of(tx, *call.caller, place, self.id);
  if (!own_path) return;
  std::unordered_map<std::int64_t, std::vector<files::Lock>> own;
  for (auto& lock : files::child_locks(tx, self.id)) own[lock.node.value].push_back(lock);
  for (const Entry& entry : listing.entries) {
    // What is mounted here lies in another folder.
    if (!entry.node.standing.mount_root || entry.node.id == self.id) continue;
    for (auto& lock : files::covering_locks(tx, entry.node.id)) {
      own[entry.node.id.value].push_back(std::move(lock));
    }
  }
  if (own.empty() && inherited.empty()) return;
  own_path->emplace_back();
  for (std::size_t i = 1; i < listing.entries.size(); ++i) {
    const files::Node& child = listing.entries[i].node;
    auto& shown = sources.locks[child.id.value];
    if (auto at = own.find(child.id.value); at != own.end()) {
      own_path->back() = child.name;
      for (auto& lock : at->second) shown.push_back({lock, href_of(call, *own_path)});
    }
    shown.insert(shown.end(), inherited.begin(), inherited.end());
  }
}

void collect_own_locks(store::ReadTx& tx, const call::Call& call, Listing& listing) {
  if (!asks_for_locks(listing.wanted)) return;
  Sources& sources = listing.sources;
  sources.caller = call.caller->member;
  sources.now = tx.now();
  std::unordered_map<std::int64_t, std::vector<files::Lock>> locks;
  for (auto& lock : files::all_locks(tx)) locks[lock.node.value].push_back(std::move(lock));
  if (locks.empty()) return;
  for (const Entry& entry : listing.entries) {
    auto at = locks.find(entry.node.id.value);
    if (at == locks.end()) continue;
    std::string href = listing.base;
    if (!entry.href_name.empty()) href += "/" + text::percent_encode_path(entry.href_name);
    for (auto& lock : at->second) sources.locks[entry.node.id.value].push_back({lock, href});
  }
}

// --- getters of the property table

namespace {

// The lock that Nextcloud's clients show: one on the node itself.
const files::Lock* own_lock(const files::Node& node, const Sources& sources) {
  auto at = sources.locks.find(node.id.value);
  if (at == sources.locks.end()) return nullptr;
  for (const auto& shown : at->second) {
    if (shown.lock.node == node.id) return &shown.lock;
  }
  return nullptr;
}

}  // namespace

bool lock_discovery(std::string& out, const files::Node& node, const Sources& sources) {
  auto at = sources.locks.find(node.id.value);
  if (at == sources.locks.end()) return true;
  for (const auto& shown : at->second) {
    append_active_lock(out, shown, sources.caller, sources.now);
  }
  return true;
}

bool supported_lock(std::string& out, const files::Node&, const Sources&) {
  out +=
      "<d:lockentry><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype>"
      "</d:lockentry><d:lockentry><d:lockscope><d:shared/></d:lockscope>"
      "<d:locktype><d:write/></d:locktype></d:lockentry>";
  return true;
}

bool is_locked(std::string& out, const files::Node& node, const Sources& sources) {
  bool locked = own_lock(node, sources) != nullptr;
  if (!locked && node.is_folder()) return false;
  out += locked ? '1' : '0';
  return true;
}

bool lock_owner_type(std::string& out, const files::Node& node, const Sources& sources) {
  const auto* lock = own_lock(node, sources);
  if (lock != nullptr) out += lock->kind == files::LockKind::person ? '0' : '2';
  return lock != nullptr;
}

bool lock_owner(std::string& out, const files::Node& node, const Sources& sources) {
  const auto* lock = own_lock(node, sources);
  if (lock != nullptr) xml::append_escaped(out, lock->uid);
  return lock != nullptr;
}

bool lock_owner_display(std::string& out, const files::Node& node, const Sources& sources) {
  const auto* lock = own_lock(node, sources);
  if (lock != nullptr) xml::append_escaped(out, lock->display);
  return lock != nullptr;
}

bool lock_owner_editor(std::string&, const files::Node& node, const Sources& sources) {
  return own_lock(node, sources) != nullptr;
}

bool lock_time(std::string& out, const files::Node& node, const Sources& sources) {
  const auto* lock = own_lock(node, sources);
  if (lock != nullptr) out += std::to_string(lock->created.seconds());
  return lock != nullptr;
}

// CLIENT: the desktop adds this to lock-time, so it counts from there, whenever it was refreshed.
bool lock_timeout(std::string& out, const files::Node& node, const Sources& sources) {
  const auto* lock = own_lock(node, sources);
  if (lock != nullptr) append_seconds(out, Duration{lock->expires.ms - lock->created.ms});
  return lock != nullptr;
}

bool lock_token(std::string& out, const files::Node& node, const Sources& sources) {
  const auto* lock = own_lock(node, sources);
  if (lock == nullptr || lock->member != sources.caller) return false;
  out += lock->token;
  return true;
}

}  // namespace essaim::dav
