#include <algorithm>

#include "base/core/check.h"
#include "space/store/space.h"

namespace essaim::store {

std::string Layout::folder(const SpaceId& id) const {
  // An id becomes a path: one that could name another folder is a bug, not a request.
  auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  CHECK(id.value.size() >= 3 && std::all_of(id.value.begin(), id.value.end(), plain));
  return data_ + "/spaces/" + id.value.substr(0, 2) + "/" + id.value;
}

std::string Layout::database(const SpaceId& id) const {
  return folder(id) + "/main.db";
}

std::string Layout::blobs(const SpaceId& id) const {
  return folder(id) + "/blobs";
}

std::string Layout::tmp(const SpaceId& id) const {
  return folder(id) + "/tmp";
}

}  // namespace essaim::store
