// Who may do what to what: the only place where a permission is decided.
//
// A place is a tree of nodes with one owner; today every member has one, "Mes fichiers", private to
// them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/types.h"
#include "features/members/members.h"
#include "space/store/tx.h"

namespace essaim::access {

// Who is asking, as the gate found out.
struct Caller {
  MemberId member;
  std::string uid;
  std::string display;
  std::optional<std::string> email;
  members::Role role = members::Role::member;
  std::optional<ByteCount> quota_bytes;
  std::string locale;
  NodeId home;
  Instant seen;
  TokenId token;           // none when a password or a session was used
  SessionId session = {};  // when a browser is signed in
  // The state tokens that the request submits (RFC 4918 §6.5). Only locks of this member open to
  // them.
  std::vector<std::string> lock_tokens = {};
};

// The caller that a member is, signed in by `token` or by something else.
Caller caller_of(const members::Member& member, TokenId token);
// On behalf of a member who does not sign in themselves. Error: not_found, also when disabled.
Result<Caller> caller_of(store::ReadTx& tx, MemberId member);

// What a caller may do with a node.
struct Rights {
  bool read = false;
  bool write = false;   // content and properties of a file
  bool create = false;  // files and folders in a folder
  bool remove = false;
  bool rename = false;
  bool move = false;
};

// A tree that a caller reaches, and what they may do in it.
struct Place {
  NodeId root;
  Rights rights;
};

// The tree behind "the files of `uid`" for this caller. Error: not_found, also for a member who
// exists: nobody learns who has an account.
Result<Place> files_of(const Caller& caller, std::string_view uid);

}  // namespace essaim::access
