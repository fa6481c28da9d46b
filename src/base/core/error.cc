#include "base/core/error.h"

namespace essaim {

std::string_view name(Code code) {
  switch (code) {
    case Code::bad_request:
      return "bad_request";
    case Code::invalid_name:
      return "invalid_name";
    case Code::unauthorized:
      return "unauthorized";
    case Code::forbidden:
      return "forbidden";
    case Code::not_found:
      return "not_found";
    case Code::exists:
      return "exists";
    case Code::conflict:
      return "conflict";
    case Code::wrong_kind:
      return "wrong_kind";
    case Code::precondition_failed:
      return "precondition_failed";
    case Code::checksum_mismatch:
      return "checksum_mismatch";
    case Code::too_large:
      return "too_large";
    case Code::quota_exceeded:
      return "quota_exceeded";
    case Code::locked:
      return "locked";
    case Code::unsupported:
      return "unsupported";
    case Code::too_many:
      return "too_many";
    case Code::busy:
      return "busy";
    case Code::read_only:
      return "read_only";
    case Code::disk_full:
      return "disk_full";
    case Code::closed:
      return "closed";
    case Code::timeout:
      return "timeout";
    case Code::io:
      return "io";
    case Code::corrupt:
      return "corrupt";
    case Code::internal:
      return "internal";
  }
  return "unknown";
}

}  // namespace essaim
