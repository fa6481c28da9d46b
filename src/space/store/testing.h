// For tests: a new space in a folder that goes with it, and turns at any time, without a lane.
#pragma once

#include <memory>
#include <utility>

#include "base/core/check.h"
#include "base/secrets/secrets.h"
#include "platform/disk/testing.h"
#include "platform/sqlite/engine.h"
#include "space/store/space.h"

namespace essaim::store {

class TestSpace {
 public:
  TestSpace() {
    secrets::initialize();
    CHECK(create(*engine_, layout_, id_, {.display_name = "Voile"}, disk::Disk::Durable::no));
    auto opened = Space::open(*engine_, layout_, id_);
    CHECK(opened);
    space_ = std::move(*opened);
  }

  const SpaceId& id() const { return id_; }
  const Layout& layout() const { return layout_; }
  sqlite::Engine& engine() { return *engine_; }
  // Each statement is its own transaction, unless the test begins one.
  WriteTx turn(Instant now) { return {space_->database(), space_->facts(), now}; }
  sqlite::Database& database() { return space_->database(); }

 private:
  disk::TestFolder folder_;
  SpaceId id_{"abcdefgh01234567"};
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::local_engine();
  Layout layout_{folder_.path()};
  std::unique_ptr<Space> space_;
};

}  // namespace essaim::store
