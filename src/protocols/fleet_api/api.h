// The operator's API: JSON over HTTP, spoken on a Unix socket that only the owner of the server can
// open. Whoever can open it is the operator; there is no sign-in.
//
//   GET    /metrics                                    Prometheus text
//   GET    /fleet/v1/server                            domain, spaces by state
//   GET    /fleet/v1/spaces                            [space...]
//   POST   /fleet/v1/spaces                            {slug, name, hosts?, quota_bytes?} → space
//   POST   /fleet/v1/spaces/bulk                       lines of slug TAB name TAB host,host →
//   {created} POST   /fleet/v1/import?as=SLUG                    a tar → {outcome, space} GET
//   /fleet/v1/spaces/SLUG                       space, with what is in it DELETE
//   /fleet/v1/spaces/SLUG                       held for 30 days POST /fleet/v1/spaces/SLUG/suspend
//   {read_only?, reason?} POST   /fleet/v1/spaces/SLUG/resume GET    /fleet/v1/spaces/SLUG/export
//   a tar GET    /fleet/v1/spaces/SLUG/members               [member...] POST
//   /fleet/v1/spaces/SLUG/members               {uid, password, display?, email?, role?,
//                                                      quota_bytes?} → member
//   PUT    /fleet/v1/spaces/SLUG/members/UID/password  {password}
//   PUT    /fleet/v1/spaces/SLUG/members/UID/disabled  {disabled}
//   PUT    /fleet/v1/spaces/SLUG/members/UID/expires   {day: "2027-06-14" or ""}
//   POST   /fleet/v1/spaces/SLUG/members/UID/tokens    {name} → {token}
//   DELETE /fleet/v1/spaces/SLUG/members/UID/second-factor
//   DELETE /fleet/v1/spaces/SLUG/members/UID/picture
//   PUT    /fleet/v1/spaces/SLUG/second-factor         {demanded_of: "gestion" or "nobody"}
//   GET    /fleet/v1/spaces/SLUG/audit?since=&limit=   [row...], the oldest first
//   POST   /fleet/v1/spaces/SLUG/members/UID/handover  {heir?} → {uid, heir?, held?}
//   GET    /fleet/v1/spaces/SLUG/held                  [{id, of, since, until, files, bytes}...]
//   POST   /fleet/v1/spaces/SLUG/held/ID/heir          {heir} → {id, of, heir}
//   GET    /fleet/v1/spaces/SLUG/usage                 {quota_bytes, used_bytes, fullness, places}
//   GET    /fleet/v1/spaces/SLUG/places                [{id, kind, name, group?}...]
//   GET    /fleet/v1/spaces/SLUG/places/ID/rights      [{kind, name, level?, rights, until?,
//                                                      share}...]; ID also of a folder in a place
//   PUT    /fleet/v1/spaces/SLUG/places/ID/rights      {kind, name?, level} → the same list
//   POST   /fleet/v1/doctor?space=SLUG                 {checked, problems: [{space?, problem}...]}
//
// An error is {"error": code, "message": one line for the operator}.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/core/error.h"
#include "base/core/types.h"
#include "base/secrets/secrets.h"
#include "features/fleet/fleet.h"
#include "formats/http/message.h"
#include "space/blobs/blobs.h"

namespace essaim::fleet_api {

inline constexpr ByteCount kJsonBytesMax = 64 * kKiB;
inline constexpr ByteCount kBulkBytesMax = 64 * kMiB;
inline constexpr ByteCount kImportBytesMax = 16'384 * kGiB;

struct Parts {
  fleet::Fleet& fleet;
  blobs::Store& blobs;
  const secrets::Key& key;
  // The whole answer of /metrics: what is counted lies in other layers.
  std::function<std::string()> metrics;
};

class Api {
 public:
  explicit Api(Parts parts) : parts_(std::move(parts)) {}

  // What a request may bring along: how much, and where it goes when it is long. Blocks.
  struct Intake {
    std::unique_ptr<http::BodySink> sink;  // none: the body stays in memory
    ByteCount body_max = kJsonBytesMax;
  };
  Result<Intake> intake(const http::RequestHead& head);

  // Answers; never throws. Blocks, for hours when it brings in a large space: call it on a worker.
  http::Response answer(http::Request request);

 private:
  Parts parts_;
};

// {"error": ..., "message": ...} with the status that fits.
http::Response refusal(const Error& error);

}  // namespace essaim::fleet_api
