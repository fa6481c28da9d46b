#include "formats/xml/reader.h"

#include <expat.h>

#include <memory>

#include "formats/xml/writer.h"

namespace essaim::xml {

namespace {

// Expat joins namespace and local name by this; it can occur in neither.
constexpr char kSeparator = '\x01';

struct Build {
  XML_Parser parser = nullptr;
  const ReadLimits* limits = nullptr;
  Element root;
  std::vector<Element*> open;
  int elements = 0;
  std::string refusal;

  void stop(const char* why) {
    refusal = why;
    XML_StopParser(parser, XML_FALSE);
  }
};

void split(const char* joined, std::string& ns, std::string& name) {
  std::string_view text(joined);
  auto at = text.find(kSeparator);
  if (at == std::string_view::npos) {
    name = text;
  } else {
    ns = text.substr(0, at);
    name = text.substr(at + 1);
  }
}

void on_start(void* user, const XML_Char* joined, const XML_Char** attributes) {
  auto& build = *static_cast<Build*>(user);
  if (!build.refusal.empty()) return;
  if (++build.elements > build.limits->elements_max) return build.stop("too many elements");
  if (static_cast<int>(build.open.size()) >= build.limits->depth_max) {
    return build.stop("nested too deeply");
  }
  Element element;
  split(joined, element.ns, element.name);
  for (const XML_Char** at = attributes; *at != nullptr; at += 2) {
    Attribute attribute;
    split(at[0], attribute.ns, attribute.name);
    attribute.value = at[1];
    element.attributes.push_back(std::move(attribute));
  }
  if (build.open.empty()) {
    build.root = std::move(element);
    build.open.push_back(&build.root);
  } else {
    // The parent's vector may move its elements, but nobody holds a pointer to a sibling: only to
    // ancestors, which live in other vectors.
    auto& siblings = build.open.back()->content;
    siblings.push_back(std::move(element));
    build.open.push_back(&siblings.back());
  }
}

void on_end(void* user, const XML_Char*) {
  auto& build = *static_cast<Build*>(user);
  if (!build.open.empty()) build.open.pop_back();
}

void on_text(void* user, const XML_Char* text, int size) {
  auto& build = *static_cast<Build*>(user);
  if (build.open.empty() || !build.refusal.empty()) return;
  auto& content = build.open.back()->content;
  if (content.empty() || !content.back().is_text()) content.emplace_back();
  content.back().text.append(text, static_cast<std::size_t>(size));
}

void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  static_cast<Build*>(user)->stop("a DOCTYPE is not accepted");
}

}  // namespace

const Element* Element::child(std::string_view in_ns, std::string_view called) const {
  for (const Element& each : content) {
    if (each.is(in_ns, called)) return &each;
  }
  return nullptr;
}

std::string Element::all_text() const {
  std::string out = text;
  for (const Element& each : content) out += each.all_text();
  return out;
}

Result<Element> read(std::string_view document, const ReadLimits& limits) {
  if (static_cast<ByteCount>(document.size()) > limits.size_max) {
    return fail(Code::too_large, "XML document too large");
  }
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
      XML_ParserCreateNS(nullptr, kSeparator), &XML_ParserFree);
  if (!parser) return fail(Code::internal, "no XML parser");
  Build build;
  build.parser = parser.get();
  build.limits = &limits;
  XML_SetUserData(parser.get(), &build);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  auto status = XML_Parse(parser.get(), document.data(), static_cast<int>(document.size()), 1);
  if (!build.refusal.empty()) return fail(Code::bad_request, build.refusal);
  if (status != XML_STATUS_OK) {
    return fail(Code::bad_request, XML_ErrorString(XML_GetErrorCode(parser.get())));
  }
  return std::move(build.root);
}

namespace {

// Writes an element with its own namespace as the default one, so that it stands anywhere.
// Attributes in a namespace get a prefix of their own.
void append_element(std::string& out, const Element& element, std::string_view outer_ns) {
  out += '<';
  out += element.name;
  if (element.ns != outer_ns) {
    out += " xmlns=\"";
    append_escaped(out, element.ns);
    out += '"';
  }
  int prefix = 0;
  for (const Attribute& attribute : element.attributes) {
    out += ' ';
    if (attribute.ns == "http://www.w3.org/XML/1998/namespace") {
      out += "xml:";
    } else if (!attribute.ns.empty()) {
      std::string name = "a" + std::to_string(++prefix);
      out += "xmlns:" + name + "=\"";
      append_escaped(out, attribute.ns);
      out += "\" " + name + ":";
    }
    out += attribute.name + "=\"";
    append_escaped(out, attribute.value);
    out += '"';
  }
  out += '>';
  for (const Element& each : element.content) {
    if (each.is_text()) {
      append_escaped(out, each.text);
    } else {
      append_element(out, each, element.ns);
    }
  }
  out += "</" + element.name + ">";
}

}  // namespace

std::string inner_xml(const Element& element) {
  std::string out;
  for (const Element& each : element.content) {
    if (each.is_text()) {
      append_escaped(out, each.text);
    } else {
      append_element(out, each, "\x01");  // no outer namespace is known: always declare
    }
  }
  return out;
}

}  // namespace essaim::xml
