// A person's own picture: set and taken away by themselves.
//
//   GET    /settings/user                the page that shows it, for a browser that is signed in
//   POST   /settings/user                its form: `action` remove_picture
//   POST   /settings/user/picture        its form with the file `picture` (multipart/form-data)
//   GET    /settings/user/picture        the page, for who asks again for where the form was
//   refused POST   /index.php/avatar/            the file `files[]`, as Nextcloud's web page sends
//   it DELETE /index.php/avatar/
//
// The file goes to the sandbox and never through this process's own hands: a handler here gets what
// was drawn from it (call::Call::portrait).
#pragma once

#include "features/members/picture.h"
#include "protocols/call/call.h"

namespace essaim::pictures {

// A form with a file: beyond, it is refused before it comes.
inline constexpr ByteCount kPictureFormMax = members::kPictureChosenMax + 64 * kKiB;

// These send others to the log-in. What is refused is said on the page, and changes nothing: 400
// for a file that cannot be read as a picture and for none at all, 413 for one that is too large,
// 503 when nothing can be drawn now.
http::Response account_page(store::ReadTx& tx, const call::Call& call);
call::Answer change_account(store::WriteTx& tx, const call::Call& call);
call::Admitted admit_picture(store::ReadTx& tx, const call::Call& call);
call::Answer change_picture(store::WriteTx& tx, const call::Call& call);

// The same in JSON, by Authorization. A browser sends a stored password along with a form of any
// site, so the header OCS-APIRequest, which no form can have, is required: 412 without it.
call::Admitted admit_avatar(store::ReadTx& tx, const call::Call& call);
call::Answer set_avatar(store::WriteTx& tx, const call::Call& call);
call::Answer remove_avatar(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::pictures
