// The group commit: many writes, one fsync, each answered as if it had been alone.
//
// A member runs in a savepoint, so its own failure is undone without touching the others. A full
// disk or an I/O error is different: SQLite then rolls back the whole transaction by itself,
// released savepoints included, and a later SAVEPOINT would open a transaction of its own. So after
// every failure the connection is asked whether the transaction is still there; when it is gone,
// the group is over, the member that broke it has its answer, and the others start again, each
// alone.
//
// Until the commit every fate is provisional, a refusal too: "that name exists" may rest on the
// rows of a neighbour whose change is lost a moment later.
#include <exception>
#include <vector>

#include "base/core/check.h"
#include "space/lane/internal/turns.h"

namespace essaim::lane::internal {
namespace {

using Members = std::vector<WriteTurn*>;

bool is_disk(const sqlite::Failure& failure) {
  switch (failure.code()) {
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return true;
    default:
      return false;
  }
}

bool is_corrupt(const sqlite::Failure& failure) {
  return failure.code() == SQLITE_CORRUPT || failure.code() == SQLITE_NOTADB;
}

void decide(WriteTurn& turn, Result<void> fate) {
  turn.fate = std::move(fate);
  turn.decided = true;
}

class Group {
 public:
  Group(Handle& handle, const Clock& clock, Tally& tally)
      : handle_(handle), clock_(clock), tally_(tally) {}

  Ending run(std::span<WriteTurn> turns) {
    Members members;
    auto now = std::chrono::steady_clock::now();
    for (WriteTurn& turn : turns) {
      if (now < turn.deadline) {
        members.push_back(&turn);
      } else {
        decide(turn, fail(Code::timeout, "waited too long for its turn"));
      }
    }
    attempt(members);
    for (WriteTurn* turn : members) {
      if (turn->decided) continue;
      ++tally_.reruns;
      attempt({turn});
    }
    return ending_;
  }

 private:
  // One transaction. Leaves undecided whoever must run again; a member that is alone never is.
  void attempt(const Members& members) {
    if (members.empty()) return;
    if (ending_.after == After::freeze) return decide_all(members, closed());
    auto space = handle_.get();
    if (space) {
      if (auto ready = (*space)->prepare_write(); !ready) space = tl::unexpected(ready.error());
    }
    if (!space) {
      note(space.error());
      return decide_all(members, space.error());
    }
    db_ = &(*space)->database();
    alone_ = members.size() == 1;
    try {
      (*space)->set_writing(true);
      db_->execute("BEGIN IMMEDIATE");
    } catch (const sqlite::Failure& failure) {
      return give_up(members, failure);
    }
    for (WriteTurn* turn : members) {
      if (!run_member(**space, *turn)) return leave(members, *turn);
    }
    commit(members);
  }

  // Sets the member's provisional fate. False when the transaction is gone, or must go.
  bool run_member(store::Space& space, WriteTurn& turn) {
    bool keep = false;
    try {
      if (!alone_) db_->execute("SAVEPOINT member");
      store::WriteTx tx(*db_, space.facts(), clock_.now());
      keep = turn.run(tx) == Verdict::keep;
      turn.fate = {};
    } catch (const sqlite::Failure& failure) {
      note(failure);
      turn.fate = tl::unexpected(failure.error());
    } catch (const std::exception& thrown) {
      turn.fate = fail(Code::internal, thrown.what());
    } catch (...) {
      turn.fate = fail(Code::internal, "unknown exception");
    }
    bool gone = db_->autocommit();
    // A handler that swallowed the failure of a statement cannot hide it from us.
    if (gone && turn.fate) turn.fate = fail(Code::internal, "a write ended its transaction");
    if (gone || ending_.after != After::keep) return false;
    return end_savepoint(turn, keep && turn.fate);
  }

  bool end_savepoint(WriteTurn& turn, bool keep) {
    try {
      if (alone_) {
        if (!keep) db_->execute("ROLLBACK");
      } else {
        if (!keep) db_->execute("ROLLBACK TO member");
        db_->execute("RELEASE member");
      }
      return true;
    } catch (const sqlite::Failure& failure) {
      note(failure);
      turn.fate = tl::unexpected(failure.error());
      return false;
    }
  }

  void commit(const Members& members) {
    try {
      // A member that was alone and undone has ended the transaction already.
      if (!db_->autocommit()) {
        db_->execute("COMMIT");
        ++tally_.commits;
      }
      for (WriteTurn* turn : members) turn->decided = true;
    } catch (const sqlite::Failure& failure) {
      // On a full disk the commit record was not written: nobody's change is there, so each may try
      // alone, and the small ones may still fit. After any other failure it may be there: never
      // again.
      if (failure.code() == SQLITE_FULL && !alone_) {
        roll_back();
        return settle_handle();
      }
      give_up(members, failure);
    }
  }

  // The transaction failed as a whole.
  void give_up(const Members& members, const sqlite::Failure& failure) {
    roll_back();
    note(failure);
    decide_all(members, failure.error());
    settle_handle();
  }

  // One member broke the transaction; the others will run again.
  void leave(const Members& members, WriteTurn& culprit) {
    culprit.decided = true;
    roll_back();
    settle_handle();
    if (ending_.after == After::freeze) decide_all(members, closed());
  }

  void settle_handle() {
    if (ending_.after != After::reopen) return;
    handle_.drop();
    db_ = nullptr;
    ending_.after = After::keep;
  }

  void roll_back() {
    if (db_->autocommit()) return;
    try {
      db_->execute("ROLLBACK");
    } catch (const sqlite::Failure& failure) {
      note(failure);
      if (ending_.after == After::keep) ending_.after = After::reopen;
    }
  }

  void note(const sqlite::Failure& failure) {
    if (is_corrupt(failure)) {
      ending_ = {After::freeze, failure.what()};
    } else if (is_disk(failure) && ending_.after == After::keep) {
      ending_ = {After::reopen, failure.what()};
    }
  }

  void note(const Error& error) {
    if (error.code == Code::corrupt) ending_ = {After::freeze, error.detail};
  }

  static Error closed() { return {Code::closed, "the space is frozen"}; }

  static void decide_all(const Members& members, const Error& error) {
    Error shown = error.code == Code::corrupt ? closed() : error;
    for (WriteTurn* turn : members) {
      if (!turn->decided) decide(*turn, tl::unexpected(shown));
    }
  }

  Handle& handle_;
  const Clock& clock_;
  Tally& tally_;
  sqlite::Database* db_ = nullptr;
  bool alone_ = false;
  Ending ending_;
};

}  // namespace

Ending run_writes(Handle& handle, const Clock& clock, std::span<WriteTurn> turns, Tally& tally) {
  Group group(handle, clock, tally);
  Ending ending = group.run(turns);
  if (ending.after == After::freeze) {
    for (WriteTurn& turn : turns) {
      if (!turn.fate && turn.fate.error().code == Code::corrupt) {
        turn.fate = fail(Code::closed, turn.fate.error().detail);
      }
    }
  }
  return ending;
}

Ending run_read(store::Space& space, const Clock& clock, ReadTurn& turn) {
  if (std::chrono::steady_clock::now() >= turn.deadline) {
    turn.fate = fail(Code::timeout, "waited too long for its turn");
    return {};
  }
  Ending ending;
  sqlite::Database& db = space.database();
  db.set_access(sqlite::Access::read);
  db.set_deadline(turn.deadline);
  try {
    store::ReadTx tx(db, space.facts(), clock.now());
    turn.run(tx);
    turn.fate = {};
  } catch (const sqlite::Failure& failure) {
    turn.fate = tl::unexpected(failure.error());
    if (is_corrupt(failure)) {
      ending = {After::freeze, failure.what()};
      turn.fate = fail(Code::closed, failure.what());
    } else if (is_disk(failure)) {
      ending = {After::reopen, failure.what()};
    }
  } catch (const std::exception& thrown) {
    turn.fate = fail(Code::internal, thrown.what());
  } catch (...) {
    turn.fate = fail(Code::internal, "unknown exception");
  }
  db.set_deadline(std::nullopt);
  db.set_access(sqlite::Access::write);
  // A read that began a transaction and left it open would swallow every later write.
  if (!db.autocommit()) {
    ending = {After::reopen, "a read left a transaction open"};
    turn.fate = fail(Code::internal, ending.reason);
  }
  return ending;
}

Ending run_maintenance(store::Space& space, BarrierTurn& turn) {
  Ending ending;
  try {
    turn.fate = turn.run(space);
    if (!turn.fate && turn.fate.error().code == Code::corrupt) {
      ending = {After::freeze, turn.fate.error().detail};
    }
  } catch (const sqlite::Failure& failure) {
    turn.fate = tl::unexpected(failure.error());
    if (is_corrupt(failure)) ending = {After::freeze, failure.what()};
    if (is_disk(failure)) ending = {After::reopen, failure.what()};
  } catch (const std::exception& thrown) {
    turn.fate = fail(Code::internal, thrown.what());
  } catch (...) {
    turn.fate = fail(Code::internal, "unknown exception");
  }
  space.database().set_attach(sqlite::Attach::denied);
  space.database().set_access(sqlite::Access::write);
  space.database().set_deadline(std::nullopt);
  if (!space.database().autocommit() && ending.after == After::keep) {
    ending = {After::reopen, "maintenance left a transaction open"};
    turn.fate = fail(Code::internal, ending.reason);
  }
  return ending;
}

}  // namespace essaim::lane::internal
