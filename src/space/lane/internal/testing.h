// A small machine of spaces and lanes for the tests of this module.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/secrets/secrets.h"
#include "platform/sqlite/testing.h"
#include "space/lane/lanes.h"

namespace essaim::lane {

using store::ReadTx;
using store::WriteTx;

class LanesTest : public ::testing::TestWithParam<sqlite::EngineKind> {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }

  void SetUp() override {
    for (const SpaceId& id : {a_, b_}) {
      ASSERT_TRUE(store::create(*engine_, layout_, id, {"Voile", kGiB, {}}, disk::Durable::no));
    }
  }

  Lanes& start(Limits limits = {}) {
    if (limits.workers == Limits{}.workers) limits.workers = 2;
    lanes_ = std::make_unique<Lanes>(*engine_, layout_, clock_, limits,
                                     [this](const SpaceId&, const std::string& reason) {
                                       std::lock_guard lock(mutex_);
                                       corrupt_.push_back(reason);
                                     });
    return *lanes_;
  }

  Result<void> write(const SpaceId& id, Write run) {
    std::promise<Result<void>> fate;
    lanes_->write(id, std::move(run), [&](Result<void> r) { fate.set_value(std::move(r)); });
    return fate.get_future().get();
  }
  Result<void> read(const SpaceId& id, Read run) {
    std::promise<Result<void>> fate;
    lanes_->read(id, std::move(run), [&](Result<void> r) { fate.set_value(std::move(r)); });
    return fate.get_future().get();
  }
  Result<void> wait(void (Lanes::*what)(const SpaceId&, TurnDone), const SpaceId& id) {
    std::promise<Result<void>> fate;
    (lanes_.get()->*what)(id, [&](Result<void> r) { fate.set_value(std::move(r)); });
    return fate.get_future().get();
  }
  static void insert(WriteTx& tx, int n) {
    tx.execute("INSERT INTO usage(place, bytes, files) VALUES (?, 1, 1)", n);
  }
  int rows(const SpaceId& id) {
    int count = -1;
    EXPECT_TRUE(read(id, [&](ReadTx& tx) {
      auto found = tx.query("SELECT count(*) FROM usage");
      found.next();
      count = static_cast<int>(found.int64(0));
    }));
    return count;
  }

  const SpaceId a_{"aa00000000000000"};
  const SpaceId b_{"bb00000000000000"};
  SystemClock clock_;
  disk::TestFolder folder_;
  disk::FaultPlan plan_;
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::make_engine(GetParam(), plan_);
  const store::Layout layout_{folder_.path()};
  std::unique_ptr<Lanes> lanes_;
  std::mutex mutex_;
  std::vector<std::string> corrupt_;
};

// Keeps a lane busy until it is opened.
class Gate {
 public:
  Gate(Lanes& lanes, const SpaceId& id) {
    std::promise<void> there;
    lanes.maintain(
        id,
        [&](store::Space&) -> Result<void> {
          there.set_value();
          open_.get_future().wait();
          return {};
        },
        [this](Result<void>) { finished_.set_value(); });
    there.get_future().wait();
  }
  void open() {
    open_.set_value();
    finished_.get_future().wait();
  }

 private:
  std::promise<void> open_;
  std::promise<void> finished_;
};

}  // namespace essaim::lane
