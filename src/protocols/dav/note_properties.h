// Getters of the property table that speak of comments and tags, and what they need.
#pragma once

#include <string>

#include "protocols/dav/multistatus.h"

namespace essaim::dav {

bool comments_count(std::string& out, const files::Node& node, const Sources& sources);
bool comments_unread(std::string& out, const files::Node& node, const Sources& sources);
bool comments_href(std::string& out, const files::Node& node, const Sources& sources);
bool system_tags(std::string& out, const files::Node& node, const Sources& sources);

// Cost: 1 statement for comments and 1 for tags, whatever the number of entries, and only when the
// listing asks for them.
void collect_notes(store::ReadTx& tx, const call::Call& call, Listing& listing);

}  // namespace essaim::dav
