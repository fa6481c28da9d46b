#include "protocols/dav/versions.h"

#include "base/text/text.h"
#include "features/files/versions.h"
#include "formats/http/dav_headers.h"
#include "formats/http/preconditions.h"
#include "protocols/dav/address.h"
#include "protocols/dav/content.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/multistatus.h"
#include "protocols/dav/proppatch.h"
#include "protocols/dav/resources.h"

namespace essaim::dav {

namespace {

constexpr std::string_view kArea = "versions";
constexpr std::string_view kVersions = "versions";
constexpr std::string_view kRestore = "restore";

Result<std::int64_t> number(std::string_view name) {
  auto value = text::to_int64(name);
  if (!value) return fail(Code::not_found, "no number");
  return *value;
}

// A file and maybe one of its versions.
struct Target {
  access::Place place;
  files::Node file;
  std::optional<files::Version> version;

  // As its content is served and listed: the name is that of the file.
  files::Node as_node(const files::Version& of) const {
    files::Node node = file;
    node.size = of.size;
    node.mtime = of.mtime;
    node.blob = of.blob;
    node.checksum.clear();
    // A version is read, restored or ended; nobody writes into one.
    const auto& rights = file.standing.rights;
    node.standing.rights = {.read = true, .remove = rights.remove, .download = rights.download};
    node.standing.via = files::Via::home;
    return node;
  }
};

// "<file id>" or "<file id>/<seconds>", after the folder they are in.
Result<Target> target_of(store::ReadTx& tx, const call::Call& call, const Address& address) {
  auto id = TRY(number(address.path[1]));
  Target out{address.place, TRY(files::find_file(tx, *call.caller, address.place, NodeId{id})),
             std::nullopt};
  if (address.path.size() > 2) {
    auto mtime = TRY(number(address.path[2]));
    out.version = TRY(files::find_version(tx, out.file.id, mtime));
  }
  return out;
}

// For what works on one version.
Result<Target> version_target(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(area_address(call.head.path, kArea, *call.caller));
  if (address.path.size() < 3) return fail(Code::forbidden, "an address and nothing else");
  if (address.path.size() > 3 || address.path.front() != kVersions) {
    return fail(Code::not_found, "no version");
  }
  auto target = TRY(target_of(tx, call, address));
  http::Validators current{true, version_etag(*target.version), target.version->mtime};
  auto verdict = http::check_preconditions(call.head.method, call.head.headers, current);
  if (call.head.method != "GET" && call.head.method != "HEAD" && verdict == http::Verdict::failed) {
    return fail(Code::precondition_failed, "If-Match family");
  }
  return target;
}

Entry bare(std::string name) {
  Entry entry{std::move(name), {}, true};
  entry.node.kind = files::Kind::folder;
  return entry;
}

void add(Listing& listing, std::string name, const Target& target, const files::Version& version) {
  listing.sources.versions.emplace(version.mtime, version);
  listing.entries.push_back({std::move(name), target.as_node(version)});
}

Result<http::Response> run_propfind(store::ReadTx& tx, const call::Call& call) {
  auto depth = TRY(http::parse_depth(call.head.headers)).value_or(http::Depth::one);
  bool below = depth != http::Depth::zero;
  Listing listing;
  listing.wanted = TRY(parse_propfind(call.body));
  listing.wanted.minimal = call.head.headers.has_token("Prefer", "return=minimal");
  auto address = TRY(area_address(call.head.path, kArea, *call.caller));
  listing.base = href_base(call.head.path);
  listing.sources.facts = tx.facts();
  listing.sources.owner_uid = call.caller->uid;
  listing.sources.owner_display = call.caller->display;
  collect_previews(tx, call, listing);
  const auto& path = address.path;
  if (path.empty()) {
    listing.entries.push_back(bare(""));
    if (below) {
      listing.entries.push_back(bare(std::string(kRestore)));
      listing.entries.push_back(bare(std::string(kVersions)));
    }
  } else if (path.size() == 1 && (path[0] == kVersions || path[0] == kRestore)) {
    // Who wants to know has a file in mind: nothing lists all files that have versions.
    listing.entries.push_back(bare(""));
  } else if (path.front() == kVersions && path.size() <= 3) {
    auto target = TRY(target_of(tx, call, address));
    if (target.version) {
      add(listing, "", target, *target.version);
    } else {
      listing.entries.push_back(bare(""));
      if (below) {
        for (const auto& version : files::versions(tx, target.file.id)) {
          add(listing, std::to_string(version.mtime), target, version);
        }
      }
    }
  } else {
    return fail(Code::not_found, "no such folder");
  }
  return multistatus(std::move(listing));
}

Result<http::Response> run_get(store::ReadTx& tx, const call::Call& call) {
  auto address = TRY(area_address(call.head.path, kArea, *call.caller));
  if (address.path.size() < 3) return method_not_allowed(kVersionsAllow, call.language);
  auto target = TRY(version_target(tx, call));
  if (!target.file.standing.rights.download) return fail(Code::forbidden, "only to look at");
  return content_response(tx, call, target.as_node(*target.version), version_etag(*target.version));
}

Result<http::Response> run_delete(store::WriteTx& tx, const call::Call& call) {
  auto target = TRY(version_target(tx, call));
  TRY_VOID(files::remove_version(tx, call.blobs, *call.caller, target.place, target.file.id,
                                 target.version->mtime));
  http::Response response;
  response.status = 204;
  response.body = std::string();
  return response;
}

Result<http::Response> run_move(store::WriteTx& tx, const call::Call& call) {
  auto target = TRY(version_target(tx, call));
  auto path = TRY(destination_path(call));
  auto to = area_address(path, kArea, *call.caller);
  if (!to || to->path.size() != 2 || to->path.front() != kRestore) {
    return fail(Code::forbidden, "a restore goes below /restore");
  }
  auto node = TRY(files::restore_version(tx, call.blobs, *call.caller, target.place, target.file.id,
                                         target.version->mtime));
  http::Response response;
  response.status = 201;
  std::string etag = quoted_etag(tx.facts(), node);
  response.headers.set("ETag", etag);
  response.headers.set("OC-ETag", etag);
  response.headers.set("OC-FileId", global_id(node.id, tx.facts().instance_id));
  response.body = std::string();
  return response;
}

int set_label(store::WriteTx& tx, const call::Call& call, const Target& target,
              const Instruction& instruction) {
  const xml::Element& property = *instruction.property;
  if (!property.is(kNcNs, "version-label")) return 403;
  std::string text = instruction.set ? property.all_text() : std::string();
  auto done = files::label_version(tx, *call.caller, target.place, target.file.id,
                                   target.version->mtime, text::trim(text));
  if (done) return 200;
  return done.error().code == Code::too_large ? 507 : 403;
}

Result<call::Answer> run_proppatch(store::WriteTx& tx, const call::Call& call) {
  auto target = TRY(version_target(tx, call));
  auto root = TRY(xml::read(call.body, {.size_max = kMiB}));
  PatchResults results;
  for (const Instruction& instruction : TRY(instructions_of(root))) {
    results.emplace(set_label(tx, call, target, instruction), instruction.property);
  }
  return patched(call, false, std::move(results));
}

}  // namespace

http::Response options_versions(const call::Call&) {
  return options_of(kVersionsAllow);
}

http::Response propfind_versions(store::ReadTx& tx, const call::Call& call) {
  return or_refusal(call, run_propfind(tx, call));
}
http::Response get_version(store::ReadTx& tx, const call::Call& call) {
  return or_refusal(call, run_get(tx, call));
}
call::Answer delete_version(store::WriteTx& tx, const call::Call& call) {
  return or_refusal(call, run_delete(tx, call));
}
call::Answer move_version(store::WriteTx& tx, const call::Call& call) {
  return or_refusal(call, run_move(tx, call));
}
call::Answer proppatch_version(store::WriteTx& tx, const call::Call& call) {
  return or_refusal(call, run_proppatch(tx, call));
}

}  // namespace essaim::dav
