#include "features/notices/activity.h"

#include <algorithm>
#include <boost/json.hpp>
#include <unordered_map>

#include "base/secrets/digest.h"
#include "base/text/text.h"
#include "features/members/groups.h"
#include "formats/mime/types.h"
#include "formats/uri/uri.h"
#include "protocols/ocs/activity_sight.h"
#include "protocols/ocs/notice_texts.h"
#include "protocols/ocs/notices.h"
#include "protocols/ocs/reply.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;
using notices::Type;

constexpr int kPageRows = 100;  // read at a time

struct Filter {
  std::string_view id;
  std::string_view icon;
  int priority;
};
// The first is what an address without a filter means.
constexpr Filter kFilters[] = {
    {"all", "file", 0},    {"self", "file", 1},           {"by", "file", 2},
    {"files", "file", 30}, {"files_sharing", "file", 31}, {"comments", "text", 40},
};
constexpr std::string_view kOfObject = "filter";

std::string_view app_of(Type type) {
  if (type == Type::comments) return "comments";
  bool sharing = type == Type::shared || type == Type::unshared || type == Type::public_links;
  return sharing ? "files_sharing" : "files";
}

// What a request asks for.
struct Question {
  std::string filter;
  notices::Page page;
  int limit = kActivityGivenDefault;
  bool previews = false;
  std::string object_id;
};

Result<std::int64_t> number(const call::Call& call, std::string_view name, std::int64_t otherwise) {
  auto text = uri::form_value(call.head.query, name);
  if (!text || text->empty()) return otherwise;
  auto value = text::to_int64(*text);
  if (!value || *value < 0) return fail(Code::bad_request, std::string(name));
  return *value;
}

Result<Question> question_of(store::ReadTx& tx, const call::Call& call) {
  Question out;
  auto segments = TRY(uri::split_path(call.head.path));
  out.filter = segments.names.back() == "activity" ? kFilters[0].id : segments.names.back();
  bool of_object = out.filter == kOfObject;
  if (!of_object && std::ranges::find(kFilters, out.filter, &Filter::id) == std::end(kFilters)) {
    return fail(Code::not_found, "no such filter");
  }
  out.page.since = {TRY(number(call, "since", 0))};
  // CLIENT: a position that has gone (rows are folded and trimmed) is one all the same; a number
  // that was never given is somebody else's.
  if (out.page.since > notices::newest_activity(tx)) return fail(Code::forbidden, "since");
  auto limit = TRY(number(call, "limit", kActivityGivenDefault));
  out.limit = static_cast<int>(std::clamp<std::int64_t>(limit, 1, kActivityGivenMax));
  if (uri::form_value(call.head.query, "sort").value_or("desc") == "asc") {
    out.page.sort = notices::Sort::oldest_first;
  }
  out.previews = uri::form_value(call.head.query, "previews").value_or("false") == "true";
  if (of_object) {
    if (uri::form_value(call.head.query, "object_type").value_or("") != "files") {
      return fail(Code::not_found, "an object that has no activity");
    }
    out.page.node = {TRY(number(call, "object_id", 0))};
    if (!out.page.node) return fail(Code::bad_request, "object_id");
  }
  if (out.filter == "self") out.page.actor = call.caller->member;
  return out;
}

bool fits(const Question& question, const call::Call& call, const notices::Event& event) {
  if (question.filter == "by") return event.actor != call.caller->member;
  auto filter = std::ranges::find(kFilters, question.filter, &Filter::id);
  bool by_app = filter != std::end(kFilters) && filter->priority >= 30;
  return !by_app || app_of(event.type) == question.filter;
}

// The names of people and groups, each looked up once in an answer.
class Names {
 public:
  explicit Names(store::ReadTx& tx) : tx_(tx) {}
  json::object user(MemberId id) {
    auto found = users_.find(id.value);
    if (found != users_.end()) return found->second;
    auto member = members::find(tx_, id);
    auto rich = member ? rich_user(member->uid, member->display) : rich_user("", "?");
    return users_.emplace(id.value, std::move(rich)).first->second;
  }
  json::object other(const notices::Extra& extra) {
    std::string key = extra.other.empty() ? "g" + extra.group : "u" + extra.other;
    auto found = others_.find(key);
    if (found != others_.end()) return found->second;
    json::object rich;
    if (!extra.other.empty()) {
      auto member = members::find(tx_, extra.other);
      rich = rich_user(extra.other, member ? member->display : extra.other);
    } else {
      auto group = members::find_group(tx_, extra.group);
      rich = rich_group(extra.group, group ? group->display : extra.group);
    }
    return others_.emplace(std::move(key), std::move(rich)).first->second;
  }

 private:
  store::ReadTx& tx_;
  std::unordered_map<std::int64_t, json::object> users_;
  std::unordered_map<std::string, json::object> others_;
};

json::array previews_of(const call::Call& call, const Sight& sight) {
  json::array out;
  if (!sight.node || sight.node->is_folder()) return out;
  std::string_view type = mime::type_of(sight.node->name);
  bool drawn = previews::kind_of(call.previews, type, sight.node->size) != previews::Kind::none;
  std::string id = std::to_string(sight.node->id.value);
  std::string base = call::base_url(call);
  std::string source = drawn ? base + "/index.php/core/preview?fileId=" + id + "&x=150&y=150"
                             : base + "/core/img/filetypes/file.svg";
  out.push_back({{"source", source},
                 {"link", base + "/index.php/f/" + id},
                 {"mimeType", type},
                 {"fileId", sight.node->id.value},
                 {"view", "files"},
                 {"isMimeTypeIcon", !drawn},
                 {"filename", sight.node->name}});
  return out;
}

json::object described(const call::Call& call, Names& names, const Question& question,
                       const notices::Activity& row, const Sight& sight) {
  const notices::Event& event = row.event;
  std::string path = sight.node ? sight.path : event.name;
  std::string name = sight.node ? sight.node->name : event.name;
  // The root of somebody's files is called as listings call it.
  if (sight.node && path.empty()) name = call.caller->uid;
  json::object parameters{{"file", rich_file(call, event.node, name, path)}};
  auto user = event.actor ? names.user(event.actor) : json::object{{"id", ""}};
  if (event.actor) parameters["user"] = user;
  if (!event.extra.other.empty() || !event.extra.group.empty()) {
    parameters["other"] = names.other(event.extra);
  }
  if (!event.extra.old_name.empty()) {
    parameters["oldfile"] = rich_file(call, event.node, event.extra.old_name, event.extra.old_name);
  }
  Who who = !event.actor                         ? Who::nobody
            : event.actor == call.caller->member ? Who::self
                                                 : Who::other;
  bool to_reader = event.recipient == call.caller->member && who != Who::self;
  auto subject = activity_sentence(event, who, to_reader, parameters, reader_language(call));
  std::string base = call::base_url(call);
  std::string id = std::to_string(event.node.value);
  bool folder = sight.node && sight.node->is_folder();
  json::object out{{"activity_id", row.id.value},
                   {"app", app_of(event.type)},
                   {"type", notices::wire_name(event.type)},
                   {"user", user["id"]},
                   {"subject", subject.plain()},
                   {"subject_rich", json::array{subject.rich, subject.parameters_json()}},
                   {"message", ""},
                   {"message_rich", json::array{"", json::array()}},
                   {"object_type", "files"},
                   {"object_id", event.node.value},
                   {"object_name", "/" + path},
                   {"objects", json::object{{id, "/" + path}}},
                   {"link", sight.node ? base + "/index.php/f/" + id : std::string()},
                   {"icon", base + "/core/img/filetypes/" + (folder ? "folder" : "file") + ".svg"},
                   {"datetime", offset_time(row.at)}};
  if (question.previews) out["previews"] = previews_of(call, sight);
  return out;
}

// The rows for one answer, and whether there may be others behind them.
struct Given {
  json::array list;
  notices::ActivityId last;  // looked at
  bool more = false;
};

Given collect(store::ReadTx& tx, const call::Call& call, Question& question) {
  Given out;
  Names names(tx);
  question.page.limit = kPageRows;
  for (int examined = 0; examined < kActivityExaminedMax;) {
    auto rows = notices::activity(tx, question.page);
    for (const notices::Activity& row : rows) {
      if (static_cast<int>(out.list.size()) == question.limit) {
        out.more = true;
        return out;
      }
      ++examined;
      out.last = row.id;
      if (!fits(question, call, row.event)) continue;
      if (auto sight = may_see(tx, call, row); sight.allowed) {
        out.list.push_back(described(call, names, question, row, sight));
      }
    }
    if (rows.size() < static_cast<std::size_t>(kPageRows)) return out;
    question.page.since = out.last;
  }
  out.more = true;
  return out;
}

std::string next_link(const call::Call& call, const Question& question, notices::ActivityId last) {
  std::string out = "<" + call::base_url(call) + call.head.path;
  out += "?since=" + std::to_string(last.value) + "&limit=" + std::to_string(question.limit);
  bool ascending = question.page.sort == notices::Sort::oldest_first;
  out += ascending ? "&sort=asc" : "&sort=desc";
  if (question.previews) out += "&previews=true";
  if (question.page.node) {
    out += "&object_type=files&object_id=" + std::to_string(question.page.node.value);
  }
  if (auto format = uri::form_value(call.head.query, "format")) {
    out += "&format=" + uri::form_encode(*format);
  }
  return out + ">; rel=\"next\"";
}

http::Response unchanged() {
  http::Response response;
  response.status = 304;
  response.body = std::string();
  return response;
}

Result<http::Response> run(store::ReadTx& tx, const call::Call& call) {
  auto question = TRY(question_of(tx, call));
  bool first_page = !question.page.since;
  auto given = collect(tx, call, question);
  // CLIENT: desktop, Android and iOS stop paging at 304 and nowhere else.
  if (given.list.empty() && !given.more) return unchanged();
  std::string etag = "\"" + secrets::sha256_hex(json::serialize(given.list)).substr(0, 32) + "\"";
  bool known = call.head.headers.has_token("If-None-Match", etag);
  auto response = known ? unchanged() : ok(call, std::move(given.list));
  response.headers.set("ETag", etag);
  if (first_page) {
    auto newest = notices::newest_activity(tx);
    response.headers.set("X-Activity-First-Known", std::to_string(newest.value));
  }
  response.headers.set("X-Activity-Last-Given", std::to_string(given.last.value));
  if (given.more) response.headers.set("Link", next_link(call, question, given.last));
  return response;
}

}  // namespace

http::Response activity(store::ReadTx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return refuse(call.head, call.language, response.error());
  return std::move(*response);
}

http::Response activity_filters(store::ReadTx&, const call::Call& call) {
  json::array out;
  for (const Filter& filter : kFilters) {
    std::string icon = call::base_url(call) + "/core/img/filetypes/";
    icon.append(filter.icon).append(".svg");
    out.push_back({{"id", filter.id},
                   {"name", filter_label(filter.id, reader_language(call))},
                   {"icon", icon},
                   {"priority", filter.priority}});
  }
  return ok(call, std::move(out));
}

}  // namespace essaim::ocs
