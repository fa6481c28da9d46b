// The handlers behind the table of routes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "features/members/audit.h"
#include "features/members/members.h"
#include "formats/http/message.h"
#include "protocols/fleet_api/api.h"

namespace essaim::fleet_api::internal {

struct Call {
  Parts& parts;
  http::Request& request;
  std::vector<std::string> names;  // what stood for the '*' of the route
};

using Answer = Result<http::Response>;

Answer metrics(Call& call);
Answer server(Call& call);

Answer list_spaces(Call& call);
Answer create_space(Call& call);
Answer create_many(Call& call);
Answer show_space(Call& call);
Answer set_plan(Call& call);
Answer delete_space(Call& call);
Answer suspend(Call& call);
Answer resume(Call& call);
Answer export_space(Call& call);
Answer import_space(Call& call);

Answer list_members(Call& call);
Answer add_member(Call& call);
Answer set_password(Call& call);
Answer set_disabled(Call& call);
Answer set_role(Call& call);
Answer set_expiry(Call& call);
Answer add_token(Call& call);
Answer list_tokens(Call& call);
Answer end_token(Call& call);
Answer wipe_token(Call& call);
Answer end_second_factor(Call& call);
Answer remove_picture(Call& call);
Answer demand_second_factor(Call& call);
Answer list_audit(Call& call);

// The space that is named first. Its people may be looked after whatever state it is in, as long as
// it can be opened and is going to stay. Errors: not_found, conflict.
Result<SpaceId> space_of(Call& call);
// The member that is named second. Error: not_found.
Result<members::Member> member_of(store::ReadTx& tx, const Call& call);
// Tells the audit what the operator did.
void record(store::WriteTx& tx, const Call& call, members::audit::Action action,
            std::string object);

Answer list_groups(Call& call);
Answer add_group(Call& call);
Answer remove_group(Call& call);
Answer join_group(Call& call);
Answer leave_group(Call& call);

Answer hand_over(Call& call);
Answer list_held(Call& call);
Answer take_over(Call& call);
Answer space_usage(Call& call);

Answer list_places(Call& call);
Answer list_rights(Call& call);
Answer set_right(Call& call);

Answer doctor(Call& call);

// Takes a body into memory, up to kBulkBytesMax.
class TextSink final : public http::BodySink {
 public:
  Result<void> write(std::span<const std::byte> bytes) override {
    text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Result<void> finish() override { return {}; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace essaim::fleet_api::internal
