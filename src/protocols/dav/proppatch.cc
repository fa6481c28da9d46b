#include "protocols/dav/proppatch.h"

#include <algorithm>

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/files/change.h"
#include "features/files/locks.h"
#include "features/files/properties.h"
#include "formats/xml/reader.h"
#include "formats/xml/writer.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/dav/multistatus.h"
#include "protocols/dav/preconditions.h"

namespace essaim::dav {

namespace {

constexpr std::size_t kInstructionsMax = 200;
constexpr std::string_view kWindowsNs = "urn:schemas-microsoft-com:";

struct Target {
  const call::Call& call;
  const files::Node& node;
};

// Sets or removes one property; the answer is the status of its propstat.
using Setter = int (*)(store::WriteTx&, const Target&, const Instruction&);

int status_of(const Result<void>& result) {
  if (result) return 200;
  return result.error().code == Code::too_large ? 507 : 403;
}

int set_favorite(store::WriteTx& tx, const Target& target, const Instruction& instruction) {
  std::string value(text::trim(instruction.property->all_text()));
  bool on = instruction.set && (value == "1" || value == "true");
  files::set_favorite(tx, *target.call.caller, target.node.id, on);
  return 200;
}

int set_last_modified(store::WriteTx& tx, const Target& target, const Instruction& instruction) {
  std::string value(text::trim(instruction.property->all_text()));
  std::optional<std::int64_t> seconds = text::to_int64_truncated(value);
  if (!seconds) {
    if (auto date = parse_http_date(value)) seconds = date->seconds();
  }
  if (!instruction.set || !seconds) return 409;
  return status_of(files::set_mtime(tx, target.node, *seconds));
}

int set_creation(store::WriteTx& tx, const Target& target, const Instruction& instruction) {
  std::string value(text::trim(instruction.property->all_text()));
  std::optional<std::int64_t> seconds = text::to_int64_truncated(value);
  if (!seconds) {
    if (auto date = parse_iso8601(value)) seconds = date->seconds();
  }
  if (!instruction.set || !seconds) return 409;
  if (!target.node.standing.rights.write) return 403;
  files::set_created(tx, target.node.id, *seconds);
  return 200;
}

// CLIENT: Windows Explorer fails a copy when one of its own four is refused; they are kept like any
// other.
int set_dead(store::WriteTx& tx, const Target& target, const Instruction& instruction) {
  const xml::Element& property = *instruction.property;
  const auto& caller = *target.call.caller;
  if (!instruction.set) {
    files::remove_property(tx, caller, target.node.id, property.ns, property.name);
    return 200;
  }
  return status_of(files::set_property(tx, caller, target.node.id,
                                       {property.ns, property.name, xml::inner_xml(property)}));
}

int refuse(store::WriteTx&, const Target&, const Instruction&) {
  return 403;
}

Setter setter_of(const xml::Element& property) {
  if (property.is(kOcNs, "favorite")) return set_favorite;
  if (property.is(kDavNs, "lastmodified") || property.is(kDavNs, "getlastmodified")) {
    return set_last_modified;
  }
  if (property.is(kNcNs, "creation_time") || property.is(kDavNs, "creationdate")) {
    return set_creation;
  }
  if (property.ns == kWindowsNs) return set_dead;
  // Live properties, and whatever else is DAV's own, are protected.
  if (find_property(property.ns, property.name) != nullptr || property.ns == kDavNs) return refuse;
  return set_dead;
}

}  // namespace

Result<std::vector<Instruction>> instructions_of(const xml::Element& root) {
  std::vector<Instruction> out;
  if (!root.is(kDavNs, "propertyupdate")) return fail(Code::bad_request, "not a propertyupdate");
  for (const xml::Element& each : root.content) {
    bool set = each.is(kDavNs, "set");
    if (!set && !each.is(kDavNs, "remove")) continue;
    const xml::Element* prop = each.child(kDavNs, "prop");
    if (prop == nullptr) return fail(Code::bad_request, "no prop");
    for (const xml::Element& property : prop->content) {
      if (!property.is_text()) out.push_back({set, &property});
    }
  }
  if (out.empty()) return fail(Code::bad_request, "nothing to change");
  if (out.size() > kInstructionsMax) return fail(Code::too_large, "too many properties");
  return out;
}

namespace {

std::string body_of(const call::Call& call, bool folder, const PatchResults& results) {
  std::string body(kMultistatusOpen);
  body += "<d:response><d:href>";
  xml::append_escaped(body, href_base(call.head.path));
  if (folder) body += '/';
  body += "</d:href>";
  for (auto at = results.begin(); at != results.end();) {
    int status = at->first;
    body += "<d:propstat><d:prop>";
    for (; at != results.end() && at->first == status; ++at) {
      append_empty(body, at->second->ns, at->second->name);
    }
    body += "</d:prop><d:status>";
    body += status_line(status);
    body += "</d:status></d:propstat>";
  }
  body += "</d:response>";
  body += kMultistatusClose;
  return body;
}

}  // namespace

call::Answer patched(const call::Call& call, bool folder, PatchResults results) {
  bool failed =
      std::ranges::any_of(results, [](const auto& result) { return result.first != 200; });
  if (failed) {
    // All or nothing (RFC 4918 §9.2): what would have worked depended on what did not.
    PatchResults undone;
    for (auto [status, property] : results) undone.emplace(status == 200 ? 424 : status, property);
    results = std::move(undone);
  }
  http::Response response;
  response.status = 207;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  response.body = body_of(call, folder, results);
  return {std::move(response), failed ? call::Keep::no : call::Keep::yes};
}

namespace {

Result<call::Answer> run(store::WriteTx& tx, const call::Call& call) {
  auto address = TRY(files_address(call.head.path, *call.caller));
  auto node = TRY(files::find(tx, *call.caller, address.place, address.path));
  TRY_VOID(check_preconditions(tx, call, node));
  auto root = TRY(xml::read(call.body, {.size_max = kMiB}));
  auto instructions = TRY(instructions_of(root));
  // A star is the caller's own and changes nothing for others; everything else a lock protects.
  bool stars_only = std::ranges::all_of(
      instructions, [](const Instruction& each) { return each.property->is(kOcNs, "favorite"); });
  if (!stars_only) TRY_VOID(files::check_locks(tx, *call.caller, node.id));
  Target target{call, node};
  PatchResults results;
  for (const Instruction& instruction : instructions) {
    int status = setter_of(*instruction.property)(tx, target, instruction);
    results.emplace(status, instruction.property);
  }
  return patched(call, node.is_folder(), std::move(results));
}

}  // namespace

call::Answer proppatch(store::WriteTx& tx, const call::Call& call) {
  auto answer = run(tx, call);
  if (!answer) return refusal(tx, call, answer.error());
  return std::move(*answer);
}

}  // namespace essaim::dav
