// Reads the XML that clients send into a small tree (expat, namespace-aware).
//
// Refused as bad_request: anything not well formed, any DOCTYPE (so no entity tricks), and whatever
// exceeds the limits. Cost: about 8 microseconds for a PROPFIND body.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"

namespace essaim::xml {

struct ReadLimits {
  ByteCount size_max = 64 * kKiB;
  int depth_max = 32;
  int elements_max = 10'000;
};

struct Attribute {
  std::string ns;
  std::string name;
  std::string value;
};

// An element, or a run of text (then `name` is empty and `text` holds it).
struct Element {
  std::string ns;
  std::string name;
  std::vector<Attribute> attributes;
  std::vector<Element> content;
  std::string text;

  bool is(std::string_view in_ns, std::string_view called) const {
    return name == called && ns == in_ns;
  }
  bool is_text() const { return name.empty(); }
  // The first child element of that name; null when there is none.
  const Element* child(std::string_view in_ns, std::string_view called) const;
  // All text inside, at any depth.
  std::string all_text() const;
};

// Returns the root element.
Result<Element> read(std::string_view document, const ReadLimits& limits = {});

// What stands between the tags of `element`, as XML that means the same wherever it is put: every
// namespace is declared where it is used. For dead properties.
std::string inner_xml(const Element& element);

}  // namespace essaim::xml
