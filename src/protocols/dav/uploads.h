// Chunked upload, version 2, as Nextcloud's clients do it: MKCOL a transfer, PUT its chunks, MOVE
// ".file" onto the destination. /remote.php/dav/uploads/<uid>/<transfer>/<chunk>.
#pragma once

#include <string>
#include <vector>

#include "features/files/uploads.h"
#include "protocols/call/call.h"

namespace essaim::dav {

// CLIENT: Android repeats MKCOL to resume and ignores 405.
call::Answer mkcol_upload(store::WriteTx& tx, const call::Call& call);
// The chunks that are complete, with their lengths: what a client resumes from.
http::Response propfind_upload(store::ReadTx& tx, const call::Call& call);
std::optional<http::Response> admit_chunk(store::ReadTx& tx, const call::Call& call);
call::Answer put_chunk(store::WriteTx& tx, const call::Call& call);
// A chunk, or the whole transfer.
call::Answer delete_upload(store::WriteTx& tx, const call::Call& call);

// MOVE .file, in three steps. First, in a read turn: what is to be joined, after everything that
// can be refused early was.
struct Join {
  std::vector<files::Part> parts;
  std::vector<std::string> inline_bytes;  // of the small parts, by the index of the part
};
Result<Join> plan_join(store::ReadTx& tx, const call::Call& call);
// Second, on a worker, outside the lane: one blob of all parts. Cost: reads and writes every byte.
Result<blobs::SpooledBlob> join(const Join& plan, const SpaceId& space, blobs::Store& blobs,
                                std::optional<blobs::ChecksumType> extra);
// Third, in a write turn: the blob becomes the content of the destination, the transfer goes.
call::Answer move_upload(store::WriteTx& tx, const call::Call& call);

}  // namespace essaim::dav
