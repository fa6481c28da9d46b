#include <boost/json.hpp>

#include "base/text/text.h"
#include "features/files/locks.h"
#include "formats/uri/uri.h"
#include "protocols/ocs/handlers.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;

struct Target {
  access::Place place;
  files::Node node;
};

// /ocs/v2.php/apps/files_lock/lock/<file id>
Result<Target> target_of(store::ReadTx& tx, const call::Call& call) {
  auto segments = TRY(uri::split_path(call.head.path));
  auto id = text::to_int64(segments.names.back());
  if (!id) return fail(Code::not_found, "no file id");
  auto place = TRY(access::files_of(*call.caller, call.caller->uid));
  auto node = TRY(files::find_by_id(tx, *call.caller, place, NodeId{*id}));
  if (node.is_folder()) return fail(Code::wrong_kind, "a person locks files");
  return Target{place, std::move(node)};
}

json::object described(const files::Lock& lock) {
  return {{"id", lock.id},
          {"userId", lock.uid},
          {"displayName", lock.display},
          {"fileId", lock.node.value},
          {"token", lock.token},
          {"type", static_cast<int>(lock.kind)},
          {"creation", lock.created.seconds()},
          {"eta", (lock.expires.ms - lock.created.ms) / 1000}};
}

Result<http::Response> run_lock(store::WriteTx& tx, const call::Call& call) {
  auto target = TRY(target_of(tx, call));
  auto type = uri::form_value(call.body, "lockType").value_or("0");
  if (type != "0" && type != "2") return fail(Code::bad_request, "lockType");
  auto kind = type == "0" ? files::LockKind::person : files::LockKind::token;
  TRY_VOID(files::lock_for_person(tx, *call.caller, target.node, kind));
  auto locks = files::covering_locks(tx, target.node.id);
  return ok(call, described(locks.front()));
}

Result<http::Response> run_unlock(store::WriteTx& tx, const call::Call& call) {
  auto target = TRY(target_of(tx, call));
  auto done = files::unlock_for_person(tx, *call.caller, target.node.id);
  if (!done && done.error().code == Code::not_found) {
    return fail(Code::precondition_failed, "not locked");
  }
  if (!done && done.error().code == Code::forbidden) return fail(Code::locked, "of others");
  if (!done) return tl::unexpected(done.error());
  return ok(call, json::object());
}

// Version 1 says 200 to nearly everything, and yet nothing may stay of what was refused.
call::Answer kept_out(const call::Call& call, const Error& error) {
  return {refuse(call.head, call.language, error), call::Keep::no};
}

}  // namespace

call::Answer lock_file(store::WriteTx& tx, const call::Call& call) {
  auto response = run_lock(tx, call);
  if (!response) return kept_out(call, response.error());
  return std::move(*response);
}

call::Answer unlock_file(store::WriteTx& tx, const call::Call& call) {
  auto response = run_unlock(tx, call);
  if (!response) return kept_out(call, response.error());
  return std::move(*response);
}

}  // namespace essaim::ocs
