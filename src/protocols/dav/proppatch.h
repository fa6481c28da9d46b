// What the areas with properties share of PROPPATCH (RFC 4918 §9.2): reading the body, and the
// answer.
#pragma once

#include <map>
#include <vector>

#include "base/core/error.h"
#include "formats/xml/reader.h"
#include "protocols/call/call.h"

namespace essaim::dav {

struct Instruction {
  bool set = true;               // or remove
  const xml::Element* property;  // borrowed from the body
};

// In the order of the body. Errors: bad_request, too_large.
Result<std::vector<Instruction>> instructions_of(const xml::Element& root);

// The status of each property: 200, or why not.
using PatchResults = std::multimap<int, const xml::Element*>;

// The 207. All or nothing: one refusal undoes the rest.
call::Answer patched(const call::Call& call, bool folder, PatchResults results);

}  // namespace essaim::dav
