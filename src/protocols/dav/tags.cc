#include "protocols/dav/tags.h"

#include "base/text/text.h"
#include "formats/http/dav_headers.h"
#include "formats/uri/uri.h"
#include "formats/xml/writer.h"
#include "protocols/dav/address.h"
#include "protocols/dav/errors.h"
#include "protocols/dav/proppatch.h"
#include "protocols/dav/resources.h"

namespace essaim::dav {

namespace {

constexpr std::string_view kAll = "/remote.php/dav/systemtags";
constexpr std::size_t kTypeMax = 64;  // bytes of a media type in an address

std::string_view word(bool truth) {
  return truth ? "true" : "false";
}

// The names after /remote.php/dav/<area>.
Result<std::vector<std::string>> names_after_area(const call::Call& call) {
  auto segments = TRY(uri::split_path(call.head.path));
  if (segments.names.size() < 3) return fail(Code::not_found, "in another area");
  return std::vector<std::string>(segments.names.begin() + 3, segments.names.end());
}

Result<std::int64_t> number(std::string_view name) {
  auto value = text::to_int64(name);
  if (!value) return fail(Code::not_found, "no number");
  return *value;
}

void add_properties(Resource& out, const call::Call& call, const files::Tag& tag) {
  out.add(kOcNs, "id", std::to_string(tag.id.value));
  out.add(kOcNs, "display-name", tag.name);
  out.add(kOcNs, "user-visible", word(tag.visible == files::Visible::yes));
  out.add(kOcNs, "user-assignable", word(tag.assignable == files::Assignable::yes));
  out.add(kOcNs, "can-assign", word(files::may_assign(*call.caller, tag)));
  out.add(kNcNs, "color", tag.color);
}

Resource tag_resource(const call::Call& call, std::string_view folder, const files::Tag& tag) {
  std::string href(folder);
  href += "/" + std::to_string(tag.id.value);
  Resource out(std::move(href), Collection::no);
  add_properties(out, call, tag);
  return out;
}

struct Asked {
  Wanted wanted;
  bool below = false;
  std::vector<std::string> names;
};

Result<Asked> asked(const call::Call& call) {
  auto depth = TRY(http::parse_depth(call.head.headers)).value_or(http::Depth::one);
  Asked out{TRY(parse_propfind(call.body)), depth != http::Depth::zero,
            TRY(names_after_area(call))};
  out.wanted.minimal = call.head.headers.has_token("Prefer", "return=minimal");
  return out;
}

Result<http::Response> run_propfind(store::ReadTx& tx, const call::Call& call) {
  auto question = TRY(asked(call));
  std::vector<Resource> out;
  if (question.names.empty()) {
    out.emplace_back(std::string(kAll) + "/", Collection::yes);
    if (question.below) {
      for (const auto& tag : files::tags(tx, *call.caller)) {
        out.push_back(tag_resource(call, kAll, tag));
      }
    }
  } else {
    if (question.names.size() > 1) return fail(Code::not_found, "below a tag");
    auto id = TRY(number(question.names[0]));
    out.push_back(tag_resource(call, kAll, TRY(files::find_tag(tx, *call.caller, {id}))));
  }
  return resources_response(std::move(question.wanted), std::move(out));
}

Result<files::TagId> tag_of(const call::Call& call) {
  auto names = TRY(names_after_area(call));
  if (names.empty()) return fail(Code::forbidden, "all tags at once");
  if (names.size() > 1) return fail(Code::not_found, "below a tag");
  return files::TagId{TRY(number(names[0]))};
}

Result<http::Response> run_post(store::WriteTx& tx, const call::Call& call) {
  auto names = TRY(names_after_area(call));
  if (!names.empty()) return fail(Code::wrong_kind, "a tag below a tag");
  auto body = TRY(json_body(call));
  auto name = TRY(json_text(body, "name"));
  if (!name) return fail(Code::bad_request, "no name");
  auto visible = TRY(json_truth(body, "userVisible")).value_or(true);
  auto assignable = TRY(json_truth(body, "userAssignable")).value_or(true);
  auto color = TRY(json_text(body, "color"));
  auto tag =
      TRY(files::add_tag(tx, *call.caller,
                         {.name = std::move(*name),
                          .visible = visible ? files::Visible::yes : files::Visible::no,
                          .assignable = assignable ? files::Assignable::yes : files::Assignable::no,
                          .color = color.value_or("")}));
  return created_at(std::string(kAll) + "/" + std::to_string(tag.id.value));
}

// Notes what one instruction changes; false: that is not for clients to change.
Result<bool> note_change(const Instruction& instruction, files::TagChange& change) {
  const xml::Element& property = *instruction.property;
  std::string value = property.all_text();
  std::string_view text = text::trim(value);
  if (property.is(kNcNs, "color")) {
    change.color = instruction.set ? std::string(text) : std::string();
    return true;
  }
  if (!instruction.set) return false;
  if (property.is(kOcNs, "display-name")) {
    change.name = value;
    return true;
  }
  bool visible = property.is(kOcNs, "user-visible");
  if (!visible && !property.is(kOcNs, "user-assignable")) return false;
  bool yes = text == "true" || text == "1";
  if (!yes && text != "false" && text != "0") return fail(Code::bad_request, "true or false");
  if (visible) {
    change.visible = yes ? files::Visible::yes : files::Visible::no;
  } else {
    change.assignable = yes ? files::Assignable::yes : files::Assignable::no;
  }
  return true;
}

Result<call::Answer> run_proppatch(store::WriteTx& tx, const call::Call& call) {
  auto id = TRY(tag_of(call));
  TRY_VOID(files::find_tag(tx, *call.caller, id));
  auto root = TRY(xml::read(call.body));
  files::TagChange change;
  PatchResults results;
  for (const Instruction& instruction : TRY(instructions_of(root))) {
    bool noted = TRY(note_change(instruction, change));
    results.emplace(noted ? 200 : 403, instruction.property);
  }
  TRY_VOID(files::change_tag(tx, *call.caller, id, change));
  return patched(call, false, std::move(results));
}

Result<http::Response> run_delete(store::WriteTx& tx, const call::Call& call) {
  auto id = TRY(tag_of(call));
  TRY_VOID(files::remove_tag(tx, *call.caller, id));
  return no_content();
}

// --- relations

struct Relation {
  access::Place place;
  NodeId node;
  std::optional<files::TagId> tag;
};

Result<Relation> relation_of(const call::Call& call, const std::vector<std::string>& names) {
  bool right = (names.size() == 2 || names.size() == 3) && names[0] == "files";
  if (!right) return fail(Code::not_found, "not the tags of a file");
  Relation out{TRY(access::files_of(*call.caller, call.caller->uid)), NodeId{TRY(number(names[1]))},
               std::nullopt};
  if (names.size() == 3) out.tag = files::TagId{TRY(number(names[2]))};
  return out;
}

Result<http::Response> run_propfind_relations(store::ReadTx& tx, const call::Call& call) {
  auto question = TRY(asked(call));
  auto relation = TRY(relation_of(call, question.names));
  TRY_VOID(files::find_by_id(tx, *call.caller, relation.place, relation.node));
  std::string folder =
      "/remote.php/dav/systemtags-relations/files/" + std::to_string(relation.node.value);
  auto on = files::tags_on(tx, *call.caller, {relation.node})[relation.node.value];
  std::vector<Resource> out;
  if (!relation.tag) out.emplace_back(folder + "/", Collection::yes);
  for (const auto& tag : on) {
    bool wanted = relation.tag ? tag.id == *relation.tag : question.below;
    if (wanted) out.push_back(tag_resource(call, folder, tag));
  }
  if (out.empty()) return fail(Code::not_found, "the node has no such tag");
  return resources_response(std::move(question.wanted), std::move(out));
}

Result<Relation> full_relation(const call::Call& call) {
  auto names = TRY(names_after_area(call));
  auto relation = TRY(relation_of(call, names));
  if (!relation.tag) return fail(Code::wrong_kind, "no tag named");
  return relation;
}

Result<http::Response> run_put_relation(store::WriteTx& tx, const call::Call& call) {
  auto relation = TRY(full_relation(call));
  TRY_VOID(files::assign_tag(tx, *call.caller, relation.place, relation.node, *relation.tag));
  http::Response response;
  response.status = 201;
  response.body = std::string();
  return response;
}

Result<http::Response> run_delete_relation(store::WriteTx& tx, const call::Call& call) {
  auto relation = TRY(full_relation(call));
  TRY_VOID(files::unassign_tag(tx, *call.caller, relation.place, relation.node, *relation.tag));
  return no_content();
}

// --- in use

Result<http::Response> run_propfind_assigned(store::ReadTx& tx, const call::Call& call) {
  auto question = TRY(asked(call));
  if (question.names.size() > 1) return fail(Code::not_found, "below a type");
  std::string type = question.names.empty() ? "files" : question.names[0];
  if (type.size() > kTypeMax) return fail(Code::not_found, "no such type");
  std::vector<Resource> out;
  out.emplace_back(href_base(call.head.path) + "/", Collection::yes);
  if (question.below) {
    auto place = TRY(access::files_of(*call.caller, call.caller->uid));
    for (const auto& use : files::tags_in_use(tx, *call.caller, place, type)) {
      auto resource = tag_resource(call, href_base(call.head.path), use.tag);
      resource.add(kNcNs, "files-assigned", std::to_string(use.nodes));
      resource.add(kNcNs, "reference-fileid", std::to_string(use.newest.value));
      out.push_back(std::move(resource));
    }
  }
  return resources_response(std::move(question.wanted), std::move(out));
}

http::Response refused(const Error& error, const call::Call& call) {
  if (error.code == Code::exists) return already_exists(call.language);
  return error_response(error, call.language);
}

template <class Run, class Tx>
http::Response answer(Run run, Tx& tx, const call::Call& call) {
  auto response = run(tx, call);
  if (!response) return refused(response.error(), call);
  return std::move(*response);
}

}  // namespace

void append_system_tag(std::string& out, const access::Caller& caller, const files::Tag& tag) {
  out += "<nc:system-tag oc:id=\"" + std::to_string(tag.id.value) + "\" oc:can-assign=\"";
  out += word(files::may_assign(caller, tag));
  out += "\" oc:user-assignable=\"";
  out += word(tag.assignable == files::Assignable::yes);
  out += "\" oc:user-visible=\"";
  out += word(tag.visible == files::Visible::yes);
  out += '"';
  if (!tag.color.empty()) out += " nc:color=\"" + tag.color + "\"";
  out += '>';
  xml::append_escaped(out, tag.name);
  out += "</nc:system-tag>";
}

http::Response options_tags(const call::Call&) {
  return options_of(kTagsAllow);
}
http::Response propfind_tags(store::ReadTx& tx, const call::Call& call) {
  return answer(run_propfind, tx, call);
}
call::Answer post_tag(store::WriteTx& tx, const call::Call& call) {
  return answer(run_post, tx, call);
}
call::Answer proppatch_tag(store::WriteTx& tx, const call::Call& call) {
  auto answer = run_proppatch(tx, call);
  if (!answer) return refused(answer.error(), call);
  return std::move(*answer);
}
call::Answer delete_tag(store::WriteTx& tx, const call::Call& call) {
  return answer(run_delete, tx, call);
}
http::Response options_tag_relations(const call::Call&) {
  return options_of(kTagRelationsAllow);
}
http::Response propfind_tag_relations(store::ReadTx& tx, const call::Call& call) {
  return answer(run_propfind_relations, tx, call);
}
call::Answer put_tag_relation(store::WriteTx& tx, const call::Call& call) {
  return answer(run_put_relation, tx, call);
}
call::Answer delete_tag_relation(store::WriteTx& tx, const call::Call& call) {
  return answer(run_delete_relation, tx, call);
}
http::Response options_tags_assigned(const call::Call&) {
  return options_of(kTagsAssignedAllow);
}
http::Response propfind_tags_assigned(store::ReadTx& tx, const call::Call& call) {
  return answer(run_propfind_assigned, tx, call);
}

}  // namespace essaim::dav
