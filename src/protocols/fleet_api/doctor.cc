// Looks for what is wrong, in one space or in all of them and in the list of them.
#include "features/files/quota.h"
#include "features/files/reach.h"
#include "features/members/audit.h"
#include "formats/uri/uri.h"
#include "protocols/fleet_api/internal/handlers.h"
#include "protocols/fleet_api/internal/json.h"

namespace essaim::fleet_api::internal {

namespace json = boost::json;

namespace {

constexpr std::size_t kProblemsListed = 10'000;

json::object problem(const std::string& slug, const std::string& what) {
  json::object object{{"problem", what}};
  if (!slug.empty()) object["space"] = slug;
  return object;
}

std::vector<std::string> check(Parts& parts, const fleet::SpaceRecord& record) {
  auto& fleet = parts.fleet;
  auto problems = fleet.check_space(record);
  if (!problems.empty()) return problems;
  auto counts = fleet.inspect(record.id, [&parts](store::ReadTx& tx) {
    auto wrong = files::recount(tx);
    for (auto& each : files::check_reach(tx)) wrong.push_back(std::move(each));
    for (auto& each : members::audit::verify(tx, parts.key)) wrong.push_back(std::move(each));
    return Result<std::vector<std::string>>(std::move(wrong));
  });
  if (counts) return std::move(*counts);
  return {"recount: " + counts.error().detail};
}

}  // namespace

Answer doctor(Call& call) {
  auto& fleet = call.parts.fleet;
  std::vector<fleet::SpaceRecord> records;
  json::array problems;
  auto slug = uri::form_value(call.request.head.query, "space").value_or("");
  if (slug.empty()) {
    records = fleet.registry().list();
    for (const auto& what : TRY(fleet.check_directories())) problems.push_back(problem("", what));
  } else {
    records.push_back(TRY(fleet.registry().show(slug)));
  }
  std::int64_t checked = 0;
  for (const auto& record : records) {
    if (record.state == fleet::State::creating) continue;
    ++checked;
    for (const auto& what : check(call.parts, record)) {
      if (problems.size() < kProblemsListed) problems.push_back(problem(record.slug, what));
    }
  }
  return reply(200, json::object{{"checked", checked}, {"problems", std::move(problems)}});
}

}  // namespace essaim::fleet_api::internal
