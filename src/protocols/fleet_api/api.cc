#include "protocols/fleet_api/api.h"

#include <algorithm>
#include <array>
#include <exception>

#include "base/log/log.h"
#include "features/fleet/import.h"
#include "formats/uri/uri.h"
#include "protocols/fleet_api/internal/handlers.h"
#include "protocols/fleet_api/internal/json.h"

namespace essaim::fleet_api {

namespace {

using internal::Answer;
using internal::Call;

enum class Takes : std::uint8_t { json, lines, tar };

struct Route {
  std::string_view method;
  std::string_view path;  // '*' stands for one segment
  Answer (*handler)(Call&);
  Takes takes = Takes::json;
};

constexpr std::array kRoutes{
    Route{"GET", "metrics", internal::metrics},
    Route{"GET", "fleet/v1/server", internal::server},
    Route{"GET", "fleet/v1/spaces", internal::list_spaces},
    Route{"POST", "fleet/v1/spaces", internal::create_space},
    Route{"POST", "fleet/v1/spaces/bulk", internal::create_many, Takes::lines},
    Route{"POST", "fleet/v1/import", internal::import_space, Takes::tar},
    Route{"GET", "fleet/v1/spaces/*", internal::show_space},
    Route{"DELETE", "fleet/v1/spaces/*", internal::delete_space},
    Route{"PATCH", "fleet/v1/spaces/*/plan", internal::set_plan},
    Route{"POST", "fleet/v1/spaces/*/suspend", internal::suspend},
    Route{"POST", "fleet/v1/spaces/*/resume", internal::resume},
    Route{"GET", "fleet/v1/spaces/*/export", internal::export_space},
    Route{"GET", "fleet/v1/spaces/*/members", internal::list_members},
    Route{"POST", "fleet/v1/spaces/*/members", internal::add_member},
    Route{"PUT", "fleet/v1/spaces/*/members/*/password", internal::set_password},
    Route{"PUT", "fleet/v1/spaces/*/members/*/disabled", internal::set_disabled},
    Route{"PUT", "fleet/v1/spaces/*/members/*/role", internal::set_role},
    Route{"PUT", "fleet/v1/spaces/*/members/*/expires", internal::set_expiry},
    Route{"POST", "fleet/v1/spaces/*/members/*/tokens", internal::add_token},
    Route{"GET", "fleet/v1/spaces/*/members/*/tokens", internal::list_tokens},
    Route{"DELETE", "fleet/v1/spaces/*/members/*/tokens/*", internal::end_token},
    Route{"POST", "fleet/v1/spaces/*/members/*/tokens/*/wipe", internal::wipe_token},
    Route{"GET", "fleet/v1/spaces/*/groups", internal::list_groups},
    Route{"POST", "fleet/v1/spaces/*/groups", internal::add_group},
    Route{"DELETE", "fleet/v1/spaces/*/groups/*", internal::remove_group},
    Route{"PUT", "fleet/v1/spaces/*/groups/*/members/*", internal::join_group},
    Route{"DELETE", "fleet/v1/spaces/*/groups/*/members/*", internal::leave_group},
    Route{"DELETE", "fleet/v1/spaces/*/members/*/second-factor", internal::end_second_factor},
    Route{"DELETE", "fleet/v1/spaces/*/members/*/picture", internal::remove_picture},
    Route{"PUT", "fleet/v1/spaces/*/second-factor", internal::demand_second_factor},
    Route{"GET", "fleet/v1/spaces/*/audit", internal::list_audit},
    Route{"POST", "fleet/v1/spaces/*/members/*/handover", internal::hand_over},
    Route{"GET", "fleet/v1/spaces/*/held", internal::list_held},
    Route{"POST", "fleet/v1/spaces/*/held/*/heir", internal::take_over},
    Route{"GET", "fleet/v1/spaces/*/usage", internal::space_usage},
    Route{"GET", "fleet/v1/spaces/*/places", internal::list_places},
    Route{"GET", "fleet/v1/spaces/*/places/*/rights", internal::list_rights},
    Route{"PUT", "fleet/v1/spaces/*/places/*/rights", internal::set_right},
    Route{"POST", "fleet/v1/doctor", internal::doctor},
};

bool matches(std::string_view pattern, const std::vector<std::string>& segments,
             std::vector<std::string>& names) {
  names.clear();
  for (const auto& segment : segments) {
    if (pattern.empty()) return false;
    auto slash = pattern.find('/');
    auto word = pattern.substr(0, slash);
    pattern = slash == std::string_view::npos ? "" : pattern.substr(slash + 1);
    if (word == "*") {
      names.push_back(segment);
    } else if (word != segment) {
      return false;
    }
  }
  return pattern.empty();
}

struct Found {
  const Route* route;
  std::vector<std::string> names;
};

Result<Found> find_route(const http::RequestHead& head) {
  auto path = TRY(uri::split_path(head.path));
  std::vector<std::string> names;
  bool path_known = false;
  for (const auto& route : kRoutes) {
    if (!matches(route.path, path.names, names)) continue;
    path_known = true;
    if (route.method == head.method) return Found{&route, std::move(names)};
  }
  if (path_known) return fail(Code::unsupported, "this method is not done here");
  return fail(Code::not_found, "no such address");
}

int status_of(Code code) {
  switch (code) {
    case Code::bad_request:
    case Code::invalid_name:
    case Code::checksum_mismatch:
      return 400;
    case Code::unauthorized:
      return 401;
    case Code::forbidden:
      return 403;
    case Code::not_found:
      return 404;
    case Code::unsupported:
      return 405;
    case Code::exists:
    case Code::conflict:
    case Code::wrong_kind:
      return 409;
    case Code::precondition_failed:
      return 412;
    case Code::too_large:
      return 413;
    case Code::locked:
      return 423;
    case Code::too_many:
      return 429;
    case Code::busy:
    case Code::read_only:
    case Code::closed:
      return 503;
    case Code::timeout:
      return 504;
    case Code::quota_exceeded:
    case Code::disk_full:
      return 507;
    case Code::io:
    case Code::corrupt:
    case Code::internal:
      return 500;
  }
  return 500;
}

// What is said when the error itself says nothing.
std::string_view plain_words(Code code) {
  switch (code) {
    case Code::busy:
      return "the server is busy, try again";
    case Code::disk_full:
      return "the disk of the server is full";
    case Code::closed:
      return "the space is closed";
    case Code::timeout:
      return "it took too long";
    case Code::io:
      return "the disk of the server failed";
    case Code::corrupt:
      return "the database is damaged";
    case Code::internal:
      return "an error in the server; its log says more";
    default:
      return name(code);
  }
}

}  // namespace

http::Response refusal(const Error& error) {
  std::string line = error.detail.empty() ? std::string(plain_words(error.code)) : error.detail;
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  auto code = name(error.code);
  boost::json::object body{{"error", boost::json::string_view(code.data(), code.size())},
                           {"message", line}};
  return internal::reply(status_of(error.code), body);
}

Result<Api::Intake> Api::intake(const http::RequestHead& head) {
  auto found = TRY(find_route(head));
  Intake intake;
  switch (found.route->takes) {
    case Takes::json:
      break;
    case Takes::lines:
      intake.sink = std::make_unique<internal::TextSink>();
      intake.body_max = kBulkBytesMax;
      break;
    case Takes::tar: {
      auto as = uri::form_value(head.query, "as").value_or("");
      intake.sink = TRY(parts_.fleet.begin_import(as));
      intake.body_max = kImportBytesMax;
      break;
    }
  }
  return intake;
}

http::Response Api::answer(http::Request request) {
  try {
    auto found = find_route(request.head);
    if (!found) return refusal(found.error());
    Call call{parts_, request, std::move(found->names)};
    auto response = found->route->handler(call);
    if (response) return std::move(*response);
    return refusal(response.error());
  } catch (const std::exception& bug) {
    log::error("operator_failed", {{"id", request.head.request_id}, {"reason", bug.what()}});
    return refusal(Error{Code::internal, ""});
  }
}

}  // namespace essaim::fleet_api
