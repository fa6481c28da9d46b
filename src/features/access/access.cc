#include "features/access/access.h"

#include "base/text/text.h"

namespace essaim::access {

Result<Place> files_of(const Caller& caller, std::string_view uid) {
  // CLIENT: some clients send the login in lower case; the canonical uid is what listings show.
  if (!text::equal_ignoring_case(uid, caller.uid) || !caller.home) {
    return fail(Code::not_found, "no such files tree for this caller");
  }
  return Place{
      caller.home,
      {.read = true, .write = true, .create = true, .remove = true, .rename = true, .move = true}};
}

}  // namespace essaim::access
