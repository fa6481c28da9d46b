// Whole spaces: list, create, suspend, copy out, bring in.
#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/files/quota.h"
#include "features/fleet/import.h"
#include "features/members/members.h"
#include "features/members/second_factor.h"
#include "protocols/fleet_api/internal/handlers.h"
#include "protocols/fleet_api/internal/json.h"
#include "space/store/space.h"

namespace essaim::fleet_api::internal {

namespace json = boost::json;

namespace {

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

json::object described(const fleet::SpaceRecord& record) {
  json::array hosts(record.hosts.begin(), record.hosts.end());
  json::object object{{"slug", record.slug},
                      {"name", record.display_name},
                      {"state", view(fleet::name(record.state))},
                      {"hosts", std::move(hosts)},
                      {"id", record.id.value},
                      {"created", format_iso8601(record.created)}};
  if (!record.reason.empty()) object["reason"] = record.reason;
  if (record.deleted) {
    auto held = std::chrono::milliseconds(fleet::kDeletedHeld).count();
    object["deleted"] = format_iso8601(*record.deleted);
    object["removed_after"] = format_iso8601(Instant{record.deleted->ms + held});
  }
  return object;
}

struct Inside {
  std::int64_t members = 0;
  int accounts = 0;
  int accounts_max = 0;
  ByteCount used = 0;
  ByteCount quota = 0;
  members::Demanded second_factor = members::Demanded::nobody;
};

Result<Inside> look_inside(store::ReadTx& tx) {
  return Inside{.members = static_cast<std::int64_t>(members::list(tx).size()),
                .accounts = members::accounts(tx),
                .accounts_max = store::accounts_max(tx),
                .used = files::used_by_space(tx),
                .quota = store::quota(tx),
                .second_factor = members::second_factor_demanded_of(tx)};
}

// slug TAB name [TAB host,host]
Result<fleet::NewSpace> parse_line(std::string_view line) {
  fleet::NewSpace space;
  auto tab = line.find('\t');
  if (tab == std::string_view::npos) {
    return fail(Code::bad_request, "a line is slug TAB name TAB host,host");
  }
  space.slug = line.substr(0, tab);
  line.remove_prefix(tab + 1);
  tab = line.find('\t');
  space.display_name = line.substr(0, tab);
  auto hosts = tab == std::string_view::npos ? std::string_view() : line.substr(tab + 1);
  if (hosts.find('\t') != std::string_view::npos) {
    return fail(Code::bad_request, "a line has at most three columns");
  }
  while (!hosts.empty()) {
    auto comma = hosts.find(',');
    auto host = text::trim(hosts.substr(0, comma));
    if (!host.empty()) space.hosts.emplace_back(host);
    hosts = comma == std::string_view::npos ? "" : hosts.substr(comma + 1);
  }
  return space;
}

Result<std::vector<fleet::NewSpace>> parse_lines(std::string_view text) {
  std::vector<fleet::NewSpace> spaces;
  int number = 0;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    auto space = parse_line(line);
    if (!space) {
      return fail(Code::bad_request,
                  "line " + std::to_string(number) + ": " + space.error().detail);
    }
    spaces.push_back(std::move(*space));
    if (std::cmp_greater(spaces.size(), fleet::kBulkMax)) {
      return fail(Code::too_large, "at most 100,000 spaces at once");
    }
  }
  return spaces;
}

std::string_view outcome_name(fleet::Import::Outcome outcome) {
  switch (outcome) {
    case fleet::Import::Outcome::imported:
      return "imported";
    case fleet::Import::Outcome::restored:
      return "restored";
    case fleet::Import::Outcome::copied:
      return "copied";
  }
  return "unknown";
}

}  // namespace

Answer list_spaces(Call& call) {
  json::array spaces;
  for (const auto& record : call.parts.fleet.registry().list()) {
    spaces.push_back(described(record));
  }
  return reply(200, spaces);
}

Answer create_space(Call& call) {
  auto fields = TRY(Fields::parse(call.request.body));
  fleet::NewSpace wanted;
  wanted.slug = fields.text("slug");
  wanted.display_name = fields.text("name");
  wanted.hosts = fields.texts("hosts");
  wanted.quota_bytes = fields.optional_number("quota_bytes").value_or(wanted.quota_bytes);
  auto accounts = fields.optional_number("accounts_max").value_or(wanted.accounts_max);
  TRY_VOID(fields.done());
  TRY_VOID(fleet::check_plan(wanted.quota_bytes, accounts));
  wanted.accounts_max = static_cast<int>(accounts);
  auto record = TRY(call.parts.fleet.create_space(wanted));
  return reply(201, described(record));
}

Answer create_many(Call& call) {
  auto* sink = dynamic_cast<TextSink*>(call.request.sink.get());
  auto spaces = TRY(parse_lines(sink != nullptr ? sink->text() : call.request.body));
  auto bulk = call.parts.fleet.create_many(spaces);
  if (bulk.error) {
    auto error = *bulk.error;
    if (bulk.created > 0) {
      error.detail = std::to_string(bulk.created) + " created, then: " + error.detail;
    }
    return tl::unexpected(std::move(error));
  }
  return reply(201, json::object{{"created", bulk.created}});
}

Answer show_space(Call& call) {
  auto record = TRY(call.parts.fleet.registry().show(call.names[0]));
  auto object = described(record);
  bool readable = record.state != fleet::State::creating && record.state != fleet::State::frozen;
  if (readable) {
    auto inside = call.parts.fleet.read(record.id, look_inside);
    if (inside) {
      object["members"] = inside->members;
      object["accounts"] = inside->accounts;
      object["accounts_max"] = inside->accounts_max;
      object["used_bytes"] = inside->used;
      object["quota_bytes"] = inside->quota;
      object["second_factor_demanded_of"] = view(members::name(inside->second_factor));
    } else {
      object["unreadable"] = inside.error().detail;
    }
  }
  return reply(200, object);
}

// What is not named stays as it is.
Answer set_plan(Call& call) {
  auto space = TRY(space_of(call));
  auto fields = TRY(Fields::parse(call.request.body));
  auto quota = fields.optional_number("quota_bytes");
  auto accounts = fields.optional_number("accounts_max");
  TRY_VOID(fields.done());
  if (!quota && !accounts) return fail(Code::bad_request, "no plan without quota or accounts");
  TRY_VOID(fleet::check_plan(quota.value_or(0), accounts.value_or(1)));
  auto turn = call.parts.fleet.write(space, [&](store::WriteTx& tx) -> Result<json::object> {
    if (quota) store::set_quota(tx, *quota);
    if (accounts) store::set_accounts_max(tx, static_cast<int>(*accounts));
    json::object plan{{"quota_bytes", store::quota(tx)},
                      {"accounts_max", store::accounts_max(tx)},
                      {"accounts", members::accounts(tx)}};
    record(tx, call, members::audit::Action::plan_changed,
           std::to_string(store::quota(tx)) + " bytes, " + std::to_string(store::accounts_max(tx)) +
               " accounts");
    return plan;
  });
  return reply(200, TRY(std::move(turn)));
}

Answer delete_space(Call& call) {
  TRY_VOID(call.parts.fleet.delete_space(call.names[0]));
  return reply(200, described(TRY(call.parts.fleet.registry().show(call.names[0]))));
}

Answer suspend(Call& call) {
  auto fields = TRY(Fields::parse(call.request.body));
  auto closed = fields.flag("read_only") ? fleet::Closed::for_writes : fleet::Closed::for_all;
  auto reason = fields.optional_text("reason").value_or("");
  TRY_VOID(fields.done());
  if (reason.size() > 500) return fail(Code::too_large, "a reason is at most 500 bytes");
  TRY_VOID(call.parts.fleet.suspend(call.names[0], closed, reason));
  return reply(200, described(TRY(call.parts.fleet.registry().show(call.names[0]))));
}

Answer resume(Call& call) {
  TRY_VOID(call.parts.fleet.resume(call.names[0]));
  return reply(200, described(TRY(call.parts.fleet.registry().show(call.names[0]))));
}

Answer export_space(Call& call) {
  http::Response response;
  response.headers.set("Content-Type", "application/x-tar");
  response.body = TRY(call.parts.fleet.export_space(call.names[0]));
  return response;
}

Answer import_space(Call& call) {
  auto* import = dynamic_cast<fleet::Import*>(call.request.sink.get());
  if (import == nullptr) return fail(Code::bad_request, "the copy is missing from the request");
  auto done = TRY(import->commit());
  return reply(201, json::object{{"outcome", view(outcome_name(done.outcome))},
                                 {"space", described(done.space)}});
}

Answer server(Call& call) {
  const auto& registry = call.parts.fleet.registry();
  json::object states;
  auto counts = registry.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    states[view(fleet::name(static_cast<fleet::State>(i)))] = counts[i];
  }
  return reply(200, json::object{{"domain", registry.domain()}, {"spaces", std::move(states)}});
}

Answer metrics(Call& call) {
  http::Response response;
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = call.parts.metrics();
  return response;
}

}  // namespace essaim::fleet_api::internal
