// The few facts a space keeps about itself.
#pragma once

#include <string>
#include <string_view>

#include "base/core/types.h"
#include "space/store/tx.h"

namespace essaim::store {

// The name of the association, as people read it.
std::string name(ReadTx& tx);
void set_name(WriteTx& tx, std::string_view name);
// The pooled quota of the space, in bytes.
ByteCount quota(ReadTx& tx);
void set_quota(WriteTx& tx, ByteCount bytes);
// Empty, or the epoch of the last restore: changes what oc:data-fingerprint says, so that clients
// keep their newer files.
std::string fingerprint(ReadTx& tx);

}  // namespace essaim::store
