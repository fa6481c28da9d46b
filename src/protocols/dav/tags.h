// Tags of the space, as Nextcloud's apps show them:
//   /remote.php/dav/systemtags/<tag>                              all tags
//   /remote.php/dav/systemtags-relations/files/<file id>/<tag>    those of a file
//   /remote.php/dav/systemtags-assigned/<type>                    those in use
#pragma once

#include <string>
#include <string_view>

#include "features/files/tags.h"
#include "protocols/call/call.h"

namespace essaim::dav {

inline constexpr std::string_view kTagsAllow = "OPTIONS, DELETE, POST, PROPFIND, PROPPATCH";
inline constexpr std::string_view kTagRelationsAllow = "OPTIONS, DELETE, PROPFIND, PUT";
inline constexpr std::string_view kTagsAssignedAllow = "OPTIONS, PROPFIND";

http::Response options_tags(const call::Call& call);
http::Response propfind_tags(store::ReadTx& tx, const call::Call& call);
// {"name": "...", "userVisible": true, "userAssignable": true}: 201 with Content-Location; 409 when
// the name is taken.
call::Answer post_tag(store::WriteTx& tx, const call::Call& call);
// oc:display-name, oc:user-visible, oc:user-assignable, nc:color.
call::Answer proppatch_tag(store::WriteTx& tx, const call::Call& call);
call::Answer delete_tag(store::WriteTx& tx, const call::Call& call);

http::Response options_tag_relations(const call::Call& call);
http::Response propfind_tag_relations(store::ReadTx& tx, const call::Call& call);
// 201; 409 when the tag is on the file already.
call::Answer put_tag_relation(store::WriteTx& tx, const call::Call& call);
call::Answer delete_tag_relation(store::WriteTx& tx, const call::Call& call);

http::Response options_tags_assigned(const call::Call& call);
// Below "files": all in use. Below a media type ("image"): those on such files.
http::Response propfind_tags_assigned(store::ReadTx& tx, const call::Call& call);

// <nc:system-tag oc:id="3" ...>name</nc:system-tag>
void append_system_tag(std::string& out, const access::Caller& caller, const files::Tag& tag);

}  // namespace essaim::dav
