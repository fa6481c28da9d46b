#include "protocols/dav/comments.h"

#include <algorithm>

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "formats/http/dav_headers.h"
#include "formats/uri/uri.h"
#include "formats/xml/writer.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/proppatch.h"
#include "protocols/dav/resources.h"

namespace essaim::dav {

namespace {

// The list of a node's comments, or one of them.
struct Target {
  access::Place place;
  NodeId node;
  std::optional<files::CommentId> comment;
};

Result<Target> target_of(const call::Call& call) {
  auto segments = TRY(uri::split_path(call.head.path));
  const auto& names = segments.names;
  bool right =
      (names.size() == 5 || names.size() == 6) && names[2] == "comments" && names[3] == "files";
  auto node = right ? text::to_int64(names[4]) : std::nullopt;
  if (!node) return fail(Code::not_found, "not the comments of a file");
  Target out{TRY(access::files_of(*call.caller, call.caller->uid)), NodeId{*node}, std::nullopt};
  if (names.size() == 6) {
    auto comment = text::to_int64(names[5]);
    if (!comment) return fail(Code::not_found, "no number");
    out.comment = files::CommentId{*comment};
  }
  return out;
}

std::string list_href(NodeId node) {
  return "/remote.php/dav/comments/files/" + std::to_string(node.value);
}

// What comments need besides themselves to be shown.
struct Readers {
  std::vector<members::Member> people;
  std::optional<Instant> marker;
};

Readers readers_of(store::ReadTx& tx, const call::Call& call, NodeId node) {
  return {members::list(tx), files::read_marker(tx, *call.caller, node)};
}

std::string mentions_xml(const files::Comment& comment, const Readers& readers) {
  std::string out;
  xml::Writer writer(out);
  for (const members::Member* person : files::mentioned(comment.message, readers.people)) {
    writer.open("oc:mention");
    writer.element("oc:mentionType", "user");
    writer.element("oc:mentionId", person->uid);
    writer.element("oc:mentionDisplayName", person->display);
    writer.close("oc:mention");
  }
  return out;
}

Resource comment_resource(const call::Call& call, const files::Comment& comment,
                          const Readers& readers) {
  std::string id = std::to_string(comment.id.value);
  auto author = std::ranges::find(readers.people, comment.author, &members::Member::id);
  bool gone = author == readers.people.end();
  Resource out(list_href(comment.node) + "/" + id, Collection::no);
  out.add(kOcNs, "id", id);
  out.add(kOcNs, "parentId", "0");
  out.add(kOcNs, "topmostParentId", "0");
  out.add(kOcNs, "childrenCount", "0");
  out.add(kOcNs, "message", comment.message);
  out.add(kOcNs, "verb", "comment");
  out.add(kOcNs, "actorType", gone ? "deleted_users" : "users");
  out.add(kOcNs, "actorId", gone ? "deleted_users" : author->uid);
  out.add(kOcNs, "actorDisplayName", gone ? "" : author->display);
  out.add(kOcNs, "creationDateTime", format_http_date(comment.created));
  out.add(kOcNs, "latestChildDateTime", "");
  out.add(kOcNs, "objectType", "files");
  out.add(kOcNs, "objectId", std::to_string(comment.node.value));
  out.add(kOcNs, "referenceId", "");
  out.add_xml(kOcNs, "mentions", mentions_xml(comment, readers));
  bool unread = files::is_unread(comment, *call.caller, readers.marker);
  out.add(kOcNs, "isUnread", unread ? "true" : "false");
  return out;
}

Resource list_resource(const Target& target, const Readers& readers) {
  Resource out(list_href(target.node) + "/", Collection::yes);
  if (readers.marker) out.add(kOcNs, "readMarker", format_http_date(*readers.marker));
  return out;
}

Result<http::Response> run_propfind(store::ReadTx& tx, const call::Call& call) {
  auto depth = TRY(http::parse_depth(call.head.headers)).value_or(http::Depth::one);
  auto wanted = TRY(parse_propfind(call.body));
  wanted.minimal = call.head.headers.has_token("Prefer", "return=minimal");
  auto target = TRY(target_of(call));
  std::vector<Resource> out;
  if (target.comment) {
    auto comment =
        TRY(files::find_comment(tx, *call.caller, target.place, target.node, *target.comment));
    out.push_back(comment_resource(call, comment, readers_of(tx, call, target.node)));
  } else {
    files::CommentPage page;
    if (depth == http::Depth::zero) page.limit = 0;
    auto found = TRY(files::comments(tx, *call.caller, target.place, target.node, page));
    auto readers = readers_of(tx, call, target.node);
    out.push_back(list_resource(target, readers));
    for (const auto& comment : found) out.push_back(comment_resource(call, comment, readers));
  }
  return resources_response(std::move(wanted), std::move(out));
}

Result<http::Response> run_report(store::ReadTx& tx, const call::Call& call) {
  auto target = TRY(target_of(call));
  auto page = parse_comment_report(call.body);
  if (!page && page.error().code == Code::unsupported) {
    return error_response({Code::forbidden, {}}, call.language, "<d:supported-report/>");
  }
  if (!page) return tl::unexpected(page.error());
  if (target.comment) return fail(Code::wrong_kind, "a report on one comment");
  auto found = TRY(files::comments(tx, *call.caller, target.place, target.node, *page));
  auto readers = readers_of(tx, call, target.node);
  std::vector<Resource> out;
  for (const auto& comment : found) out.push_back(comment_resource(call, comment, readers));
  return resources_response({}, std::move(out));
}

Result<http::Response> run_post(store::WriteTx& tx, const call::Call& call) {
  auto target = TRY(target_of(call));
  if (target.comment) return fail(Code::wrong_kind, "a comment on a comment");
  auto body = TRY(json_body(call));
  auto actor = TRY(json_text(body, "actorType"));
  auto verb = TRY(json_text(body, "verb"));
  auto message = TRY(json_text(body, "message"));
  bool right = actor.value_or("users") == "users" && verb.value_or("comment") == "comment";
  if (!right || !message) return fail(Code::bad_request, "not a comment");
  auto comment = TRY(files::add_comment(tx, *call.caller, target.place, target.node, *message));
  return created_at(list_href(target.node) + "/" + std::to_string(comment.id.value));
}

// The end of the second that a client names, since times on the wire have no parts of one.
Result<Instant> marker_of(store::WriteTx& tx, const Instruction& instruction) {
  std::string value = instruction.property->all_text();
  std::string_view text = text::trim(value);
  if (text.empty()) return tx.now();
  auto date = parse_http_date(text);
  if (!date) date = parse_iso8601(text);
  if (!date) return fail(Code::bad_request, "no date");
  return Instant{date->seconds() * 1'000 + 999};
}

Result<call::Answer> run_proppatch(store::WriteTx& tx, const call::Call& call) {
  auto target = TRY(target_of(call));
  auto root = TRY(xml::read(call.body));
  PatchResults results;
  for (const Instruction& instruction : TRY(instructions_of(root))) {
    const xml::Element& property = *instruction.property;
    int status = 403;
    if (target.comment && instruction.set && property.is(kOcNs, "message")) {
      TRY_VOID(files::edit_comment(tx, *call.caller, target.place, target.node, *target.comment,
                                   property.all_text()));
      status = 200;
    } else if (!target.comment && instruction.set && property.is(kOcNs, "readMarker")) {
      auto until = TRY(marker_of(tx, instruction));
      TRY_VOID(files::mark_read(tx, *call.caller, target.place, target.node, until));
      status = 200;
    }
    results.emplace(status, instruction.property);
  }
  return patched(call, !target.comment, std::move(results));
}

Result<http::Response> run_delete(store::WriteTx& tx, const call::Call& call) {
  auto target = TRY(target_of(call));
  if (!target.comment) {
    TRY_VOID(files::find_by_id(tx, *call.caller, target.place, target.node));
    return fail(Code::forbidden, "all comments at once");
  }
  TRY_VOID(files::remove_comment(tx, *call.caller, target.place, target.node, *target.comment));
  return no_content();
}

}  // namespace

Result<files::CommentPage> parse_comment_report(std::string_view body) {
  auto root = TRY(xml::read(body));
  if (!root.is(kOcNs, "filter-comments")) return fail(Code::unsupported, "this report");
  files::CommentPage out;
  auto number = [&](std::string_view name, std::int64_t otherwise,
                    std::int64_t most) -> Result<std::int64_t> {
    const xml::Element* found = root.child(kOcNs, name);
    if (found == nullptr) return otherwise;
    std::string text = found->all_text();
    auto value = text::to_int64(text::trim(text));
    if (!value || *value < 0) return fail(Code::bad_request, "limit or offset");
    return std::min(*value, most);
  };
  auto limit = TRY(number("limit", 0, files::kCommentsPerNodeMax));
  // CLIENT: none, and 0, both mean no limit.
  out.limit = limit == 0 ? files::kCommentsPerNodeMax : static_cast<int>(limit);
  out.skip = TRY(number("offset", 0, files::kCommentSkipMax));
  if (const xml::Element* after = root.child(kOcNs, "datetime")) {
    std::string text = after->all_text();
    auto date = parse_iso8601(text::trim(text));
    if (!date) date = parse_http_date(text::trim(text));
    if (!date) return fail(Code::bad_request, "datetime");
    out.after = *date;
  }
  return out;
}

http::Response options_comments(const call::Call&) {
  return options_of(kCommentsAllow);
}
http::Response propfind_comments(store::ReadTx& tx, const call::Call& call) {
  return or_refusal(call, run_propfind(tx, call));
}
http::Response report_comments(store::ReadTx& tx, const call::Call& call) {
  return or_refusal(call, run_report(tx, call));
}
call::Answer post_comment(store::WriteTx& tx, const call::Call& call) {
  return or_refusal(call, run_post(tx, call));
}
call::Answer delete_comment(store::WriteTx& tx, const call::Call& call) {
  return or_refusal(call, run_delete(tx, call));
}
call::Answer proppatch_comment(store::WriteTx& tx, const call::Call& call) {
  return or_refusal(call, run_proppatch(tx, call));
}

}  // namespace essaim::dav
