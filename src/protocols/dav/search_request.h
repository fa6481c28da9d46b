// The bodies of SEARCH (RFC 5323, DAV:basicsearch) and of the reports that find files, read to
// values. Nothing here knows the tree: a scope is still an href.
#pragma once

#include <string>
#include <string_view>

#include "features/files/search.h"
#include "features/files/tags.h"
#include "formats/xml/reader.h"
#include "protocols/dav/multistatus.h"

namespace essaim::dav {

struct SearchRequest {
  Wanted wanted;
  std::string href;  // of the scope, as sent
  files::SearchDepth depth = files::SearchDepth::everything;
  files::Search search;  // all but its scope
};

// Errors: bad_request (malformed, an unknown operator, a property that cannot be searched),
// too_large (over the limits of files::Search).
Result<SearchRequest> parse_search(std::string_view body);

// A report on the files tree: oc:filter-files or oc:search-files.
struct FileReport {
  Wanted wanted;
  files::Search search;
  std::vector<files::TagId> tags;  // that everything found has; at most files::kTagsPerNodeMax
};
// Errors: bad_request (malformed, no rule), precondition_failed (a circle: there are none),
// unsupported (another report).
Result<FileReport> parse_file_report(std::string_view body);

}  // namespace essaim::dav
