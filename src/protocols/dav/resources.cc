#include "protocols/dav/resources.h"

#include <algorithm>

#include "formats/xml/writer.h"

namespace essaim::dav {

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

void append_block_end(std::string& out, std::string_view status) {
  out += "</d:prop><d:status>HTTP/1.1 ";
  out += status;
  out += "</d:status></d:propstat>";
}

void append_property(std::string& out, const Resource::Property& property) {
  append_open(out, property.ns, property.name);
  out += property.xml;
  append_close(out, property.ns, property.name);
}

const Resource::Property* find(const Resource& resource, const Wanted::Name& name) {
  auto found = std::ranges::find_if(resource.properties, [&](const Resource::Property& each) {
    return each.name == name.name && each.ns == name.ns;
  });
  return found == resource.properties.end() ? nullptr : &*found;
}

// One 200 block, first, and one 404 block after it, as in listings of files (multistatus.h).
void append_resource(std::string& out, const Wanted& wanted, const Resource& resource) {
  out += "<d:response><d:href>";
  xml::append_escaped(out, resource.href);
  out += "</d:href>";
  constexpr std::string_view kBlock = "<d:propstat><d:prop>";
  out += kBlock;
  std::size_t empty_at = out.size();
  std::vector<const Wanted::Name*> missing;
  if (wanted.mode == Wanted::Mode::named) {
    for (const Wanted::Name& name : wanted.names) {
      const auto* property = find(resource, name);
      if (property == nullptr) missing.push_back(&name);
      if (property != nullptr) append_property(out, *property);
    }
  } else {
    for (const auto& property : resource.properties) {
      if (wanted.mode == Wanted::Mode::all) append_property(out, property);
      if (wanted.mode == Wanted::Mode::names) append_empty(out, property.ns, property.name);
    }
  }
  if (out.size() > empty_at || missing.empty() || wanted.minimal) {
    append_block_end(out, "200 OK");
  } else {
    out.resize(empty_at - kBlock.size());
  }
  if (!missing.empty() && !wanted.minimal) {
    out += kBlock;
    for (const auto* name : missing) append_empty(out, name->ns, name->name);
    append_block_end(out, "404 Not Found");
  }
  out += "</d:response>";
}

class ResourceSource final : public http::Source {
 public:
  ResourceSource(Wanted wanted, std::vector<Resource> resources)
      : wanted_(std::move(wanted)), resources_(std::move(resources)) {}
  Result<std::string> next() override {
    std::string out;
    if (closed_) return out;
    if (at_ == 0) out += kMultistatusOpen;
    while (at_ < resources_.size() && out.size() < kPieceBytes) {
      append_resource(out, wanted_, resources_[at_++]);
    }
    if (at_ == resources_.size()) {
      out += kMultistatusClose;
      closed_ = true;
    }
    return out;
  }

 private:
  Wanted wanted_;
  std::vector<Resource> resources_;
  std::size_t at_ = 0;
  bool closed_ = false;
};

}  // namespace

Resource::Resource(std::string address, Collection collection) : href(std::move(address)) {
  bool folder = collection == Collection::yes;
  add_xml(kDavNs, "resourcetype", folder ? "<d:collection/>" : "");
}

void Resource::add(std::string_view ns, std::string_view name, std::string_view text) {
  std::string xml;
  xml::append_escaped(xml, text);
  add_xml(ns, name, std::move(xml));
}

void Resource::add_xml(std::string_view ns, std::string_view name, std::string xml) {
  properties.push_back({ns, name, std::move(xml)});
}

http::Response resources_response(Wanted wanted, std::vector<Resource> resources) {
  // Without a body RFC 4918 asks for everything, and so do Nextcloud's clients.
  bool everything = wanted.mode == Wanted::Mode::all;
  if (everything) wanted.names.clear();
  http::Response response;
  response.status = 207;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  if (wanted.minimal) response.headers.set("Preference-Applied", "return=minimal");
  auto source = std::make_unique<ResourceSource>(std::move(wanted), std::move(resources));
  response.body = std::unique_ptr<http::Source>(std::move(source));
  return response;
}

http::Response already_exists(call::Language language) {
  http::Response response;
  response.status = 409;
  response.headers.set("Content-Type", "application/xml; charset=utf-8");
  std::string body(xml::kDeclaration);
  xml::Writer writer(body);
  writer.raw("<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\">");
  writer.element("s:exception", "Sabre\\DAV\\Exception\\Conflict");
  bool french = language == call::Language::french;
  writer.element("s:message", french ? "Cet élément existe déjà." : "This already exists.");
  writer.close("d:error");
  response.body = std::move(body);
  return response;
}

http::Response options_of(std::string_view allow) {
  http::Response response;
  response.headers.set("DAV", "1, 3");
  response.headers.set("MS-Author-Via", "DAV");
  response.headers.set("Allow", allow);
  response.body = std::string();
  return response;
}

http::Response created_at(std::string_view href) {
  http::Response response;
  response.status = 201;
  response.headers.set("Content-Location", href);
  response.body = std::string();
  return response;
}

http::Response no_content() {
  http::Response response;
  response.status = 204;
  response.body = std::string();
  return response;
}

Result<boost::json::object> json_body(const call::Call& call) {
  boost::system::error_code error;
  auto value = boost::json::parse(call.body, error);
  if (error || !value.is_object()) return fail(Code::bad_request, "not a JSON object");
  return std::move(value.get_object());
}

Result<std::optional<std::string>> json_text(const boost::json::object& object,
                                             std::string_view name) {
  const auto* found = object.if_contains(name);
  if (found == nullptr || found->is_null()) return std::nullopt;
  const auto* text = found->if_string();
  if (text == nullptr) return fail(Code::bad_request, "not a text");
  return std::string(*text);
}

Result<std::optional<bool>> json_truth(const boost::json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  if (found == nullptr || found->is_null()) return std::nullopt;
  const auto* truth = found->if_bool();
  if (truth == nullptr) return fail(Code::bad_request, "not true or false");
  return *truth;
}

}  // namespace essaim::dav
