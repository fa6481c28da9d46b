// For tests: a fleet with everything it stands on, which can be stopped and started again, over a
// disk that breaks on request.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/secrets/digest.h"
#include "base/secrets/secrets.h"
#include "features/fleet/fleet.h"
#include "features/fleet/import.h"
#include "platform/disk/testing.h"
#include "platform/sqlite/faults.h"

namespace essaim::fleet::internal {

class TestFleet {
 public:
  explicit TestFleet(std::string data) : layout(std::move(data)) {
    secrets::initialize();
    engine = sqlite::fault_engine(plan);
  }
  ~TestFleet() { stop(); }

  // False when the fleet cannot start.
  bool start() {
    auto opened = Registry::open(*engine, layout.data() + "/fleet.db", "example.org", clock);
    if (!opened) return false;
    registry = std::move(*opened);
    lane::Limits limits;
    limits.workers = 2;
    lanes = std::make_unique<lane::Lanes>(*engine, layout, clock, limits,
                                          [this](const SpaceId& id, const std::string& reason) {
                                            (void)registry->set_state(id, State::frozen, reason);
                                          });
    blobs = std::make_unique<blobs::Store>(engine->disk(), layout);
    fleet = std::make_unique<Fleet>(Parts{*engine, layout, *lanes, *blobs, *registry, clock});
    auto done = fleet->recover();
    if (done) recovered = *done;
    return done.has_value();
  }
  void stop() {
    fleet.reset();
    blobs.reset();
    lanes.reset();
    registry.reset();
  }

  // Makes `content` a content of the space, with one reference.
  Result<std::string> put(const SpaceId& id, std::string_view content) {
    auto spool = TRY(blobs->begin(id));
    TRY_VOID(spool->write(std::as_bytes(std::span(content))));
    TRY_VOID(spool->finish());
    auto blob = spool->take();
    auto done = fleet->write(id, [&](store::WriteTx& tx) -> Result<int> {
      blobs->add_ref(tx, blob);
      return 0;
    });
    if (!done) return tl::unexpected(done.error());
    return blob.sha256();
  }
  bool has(const SpaceId& id, std::string_view content) {
    auto hash = secrets::sha256_hex(content);
    auto found = fleet->read(id, [&](store::ReadTx& tx) -> Result<ByteCount> {
      auto opened = TRY(blobs->open(tx, hash));
      return opened.size;
    });
    return found && std::cmp_equal(*found, content.size());
  }
  store::SpaceFacts facts(const SpaceId& id) {
    auto read =
        fleet->read(id, [](store::ReadTx& tx) { return Result<store::SpaceFacts>(tx.facts()); });
    return read ? *read : store::SpaceFacts{};
  }

  Result<std::string> export_all(std::string_view slug) {
    auto source = TRY(fleet->export_space(slug));
    std::string tar;
    while (true) {
      auto piece = TRY(source->next());
      if (piece.empty()) return tar;
      tar += piece;
    }
  }
  Result<Import::Committed> import_all(std::string_view tar, std::string_view as = {},
                                       std::size_t piece = 10'000) {
    auto import = TRY(fleet->begin_import(as));
    for (std::size_t at = 0; at < tar.size(); at += piece) {
      TRY_VOID(import->write(std::as_bytes(std::span(tar.substr(at, piece)))));
    }
    TRY_VOID(import->finish());
    return import->commit();
  }

  TestClock clock{Instant{1'700'000'000'000}};
  store::Layout layout;
  disk::FaultPlan plan;
  std::unique_ptr<sqlite::Engine> engine;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<lane::Lanes> lanes;
  std::unique_ptr<blobs::Store> blobs;
  std::unique_ptr<Fleet> fleet;
  Fleet::Recovered recovered;
};

inline NewSpace new_space(std::string slug, std::vector<std::string> hosts = {}) {
  NewSpace space;
  space.display_name = "Club " + slug;
  space.slug = std::move(slug);
  space.hosts = std::move(hosts);
  return space;
}

}  // namespace essaim::fleet::internal
