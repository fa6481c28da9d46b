#include "server/router/router.h"

#include <optional>

#include "base/log/log.h"
#include "protocols/call/call.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/handlers.h"
#include "protocols/login/login.h"
#include "protocols/site/site.h"
#include "server/router/blob_sink.h"
#include "server/router/hash_visit.h"
#include "server/router/joins.h"
#include "server/router/portrait_sink.h"
#include "server/router/preview_visit.h"
#include "server/router/routes.h"
#include "server/router/visit.h"

namespace essaim::router {

namespace {

// Where a request goes: a route of a space, or an answer that needs neither.
struct Way {
  std::optional<http::Response> answer;
  fleet::Route space;
  const Route* route = nullptr;
};

bool changes(const Route& route) {
  return route.write != nullptr;
}

// What a space in this state says to every request, if anything.
std::optional<http::Response> state_answer(fleet::State state, Area area, const Route& route,
                                           const http::RequestHead& head, call::Language language) {
  switch (state) {
    case fleet::State::ready:
      return std::nullopt;
    case fleet::State::suspended_read_only:
      if (!changes(route)) return std::nullopt;
      return error_response(dialect_of(area), head, language, {Code::read_only, "suspended"});
    default:
      break;
  }
  if (area == Area::status) return login::status(login::Maintenance::yes);
  if (area == Area::no_content) return std::nullopt;
  return error_response(dialect_of(area), head, language, {Code::closed, "suspended"});
}

http::Response wrong_method(Area area, const http::RequestHead& head, call::Language language) {
  if (area == Area::dav_elsewhere || area == Area::nowhere || area == Area::ocs_elsewhere) {
    return error_response(dialect_of(area), head, language, {Code::not_found, "no such address"});
  }
  auto response =
      error_response(dialect_of(area), head, language, {Code::wrong_kind, "no such method"});
  response.headers.set("Allow", allowed_methods(area));
  return response;
}

// Somebody's files and names are not for a cache, unless the handler says otherwise.
void keep_from_caches(http::Response& response) {
  if (!response.headers.get("Cache-Control")) response.headers.set("Cache-Control", "no-store");
}

}  // namespace

struct Router::Impl {
  Parts parts;
  Joins joins = {};

  Way way_of(const http::RequestHead& head) const;
  Result<std::optional<blobs::SpooledBlob>> take_blob(const Way& way, http::Request& request);
  void draw_portrait(Way way, http::Request request, Done<http::Response> done);
};

Way Router::Impl::way_of(const http::RequestHead& head) const {
  Way way;
  auto language = call::language_of(head.headers);
  auto space = parts.registry.find_host(head.host);
  if (!space) {
    way.answer = site::unknown_host(language);
    return way;
  }
  way.space = std::move(*space);
  Area area = area_of(head.path);
  way.route = find_route(area, head.method);
  if (way.route == nullptr) {
    way.answer = wrong_method(area, head, language);
    return way;
  }
  way.answer = state_answer(way.space.state, area, *way.route, head, language);
  if (!way.answer && way.route->from == From::our_pages && !call::from_our_pages(head)) {
    way.answer = error_response(dialect_of(area), head, language, {Code::forbidden, "elsewhere"});
  }
  return way;
}

// A body that came into memory becomes a blob too; it is small enough to need no disk.
Result<std::optional<blobs::SpooledBlob>> Router::Impl::take_blob(const Way& way,
                                                                  http::Request& request) {
  std::optional<blobs::SpooledBlob> out;
  if (way.route->body != Body::blob) return out;
  if (request.sink) {
    if (request.sink_error) return tl::unexpected(*request.sink_error);
    auto* sink = dynamic_cast<BlobSink*>(request.sink.get());
    if (sink == nullptr) return fail(Code::internal, "the sink is no blob's");
    out.emplace(sink->take());
    request.sink.reset();
    return out;
  }
  auto extra = TRY(dav::announced_checksum(request.head.headers));
  auto spool = TRY(parts.blobs.begin(way.space.id, extra));
  TRY_VOID(spool->write(std::as_bytes(std::span(request.body))));
  TRY_VOID(spool->finish());
  out.emplace(spool->take());
  return out;
}

namespace {

// The picture that came in a form. Error: not_found, when none was chosen.
Result<UniqueFd> take_portrait(http::Request& request) {
  if (request.sink_error) return tl::unexpected(*request.sink_error);
  auto* sink = dynamic_cast<PortraitSink*>(request.sink.get());
  if (sink == nullptr) return fail(Code::not_found, "no body");
  auto file = sink->take();
  request.sink.reset();
  return file;
}

}  // namespace

// Drawn before the turn. Who sends it was found out before the body came, and is again in the turn.
void Router::Impl::draw_portrait(Way way, http::Request request, Done<http::Response> done) {
  auto file = take_portrait(request);
  SpaceId space = way.space.id;
  auto go_on = [this, way = std::move(way), request = std::move(request),
                done = std::move(done)](Result<members::Picture> drawn) mutable {
    std::make_shared<RequestVisit>(parts, std::move(way.space), *way.route, std::move(request),
                                   Prepared{.portrait = std::move(drawn)}, std::move(done))
        ->start();
  };
  if (!file) return go_on(tl::unexpected(file.error()));
  if (parts.portraits == nullptr) return go_on(fail(Code::unsupported, "no portraits"));
  parts.portraits->draw(space, std::move(*file), std::move(go_on));
}

Router::Router(Parts parts) : impl_(new Impl{.parts = parts}) {}
Router::~Router() = default;

void Router::admit(const http::RequestHead& head, Done<http_server::Admission> done) {
  Way way = impl_->way_of(head);
  http_server::Admission admission;
  if (way.answer) {
    admission.refusal = std::move(way.answer);
    keep_from_caches(*admission.refusal);
    return done(std::move(admission));
  }
  admission.body_max = kMemoryBodyMax;
  bool in_memory = head.content_length && *head.content_length <= blobs::kInlineMax;
  bool small = in_memory && way.route->body != Body::portrait;
  bool asked = way.route->admit != nullptr && (!small || head.expects_continue);
  if (!head.has_body || !asked) return done(std::move(admission));
  std::make_shared<HeadVisit>(impl_->parts, std::move(way.space), *way.route, head, std::move(done))
      ->start();
}

void Router::handle(http::Request request, Done<http::Response> done) {
  auto stamped = [id = request.head.request_id,
                  done = std::move(done)](http::Response response) mutable {
    keep_from_caches(response);
    response.headers.set("X-Request-Id", id);
    done(std::move(response));
  };
  Way way = impl_->way_of(request.head);
  if (way.answer) return stamped(std::move(*way.answer));
  auto language = call::language_of(request.head.headers);
  if (way.route->plain != nullptr) {
    call::SpaceView view{way.space.slug, way.space.display_name, way.space.main_host};
    std::function<bool(std::string_view)> nobody = [](std::string_view) { return false; };
    call::Call call{.head = request.head,
                    .space = view,
                    .caller = nullptr,
                    .body = request.body,
                    .blob = nullptr,
                    .blobs = impl_->parts.blobs,
                    .key = impl_->parts.key,
                    .language = language,
                    .owns_host = nobody};
    return stamped(way.route->plain(call));
  }
  bool over = way.route->rated == Rated::flow_start &&
              !impl_->parts.gate.may_start_flow(way.space.id, request.head.remote_address);
  if (over) {
    return stamped(error_response(dialect_of(way.route->area), request.head, language,
                                  {Code::too_many, "log-in flows"}));
  }
  if (way.route->body == Body::joined) {
    std::make_shared<JoinVisit>(impl_->parts, impl_->joins, std::move(way.space), *way.route,
                                std::move(request), std::move(stamped))
        ->start();
    return;
  }
  if (way.route->plan != nullptr) {
    std::make_shared<PreviewVisit>(impl_->parts, std::move(way.space), *way.route,
                                   std::move(request), std::move(stamped))
        ->start();
    return;
  }
  if (way.route->new_password != nullptr) {
    std::make_shared<HashVisit>(impl_->parts, std::move(way.space), *way.route, std::move(request),
                                std::move(stamped))
        ->start();
    return;
  }
  if (way.route->body == Body::portrait) {
    return impl_->draw_portrait(std::move(way), std::move(request), std::move(stamped));
  }
  auto blob = impl_->take_blob(way, request);
  if (!blob) {
    return stamped(
        error_response(dialect_of(way.route->area), request.head, language, blob.error()));
  }
  std::make_shared<RequestVisit>(impl_->parts, std::move(way.space), *way.route, std::move(request),
                                 Prepared{.blob = std::move(*blob)}, std::move(stamped))
      ->start();
}

void Router::finished(const http::RequestHead& head, int status, ByteCount sent,
                      std::chrono::microseconds took) {
  log::info("request", {{"id", head.request_id},
                        {"from", head.remote_address},
                        {"host", head.host},
                        {"method", head.method},
                        {"path", path_for_log(head.path)},
                        {"status", status},
                        {"sent", sent},
                        {"us", static_cast<std::int64_t>(took.count())}});
}

}  // namespace essaim::router
