#include "features/access/expiry.h"

namespace essaim::access {

std::optional<Instant> first_grant_end(store::ReadTx& tx) {
  auto rows = tx.query(R"sql(
    SELECT until FROM access_grant WHERE until IS NOT NULL ORDER BY until LIMIT 1)sql");
  if (!rows.next()) return std::nullopt;
  return Instant{rows.int64(0)};
}

}  // namespace essaim::access
