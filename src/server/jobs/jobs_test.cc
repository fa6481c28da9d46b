#include "server/jobs/jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "base/secrets/secrets.h"
#include "features/files/change.h"
#include "features/files/places.h"
#include "features/files/quota.h"
#include "features/files/trash.h"
#include "features/files/uploads.h"
#include "features/files/versions.h"
#include "features/members/audit.h"
#include "features/members/members.h"
#include "features/notices/activity.h"
#include "platform/disk/testing.h"
#include "platform/sqlite/engine.h"
#include "space/lane/lanes.h"

namespace essaim::jobs {
namespace {

using namespace std::chrono_literals;

class JobsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }
  JobsTest() {
    limits_.pause = 1ms;
    limits_.settle = 1ms;
    start();
  }
  void start() {
    registry_ = *fleet::Registry::open(*engine_, folder_.path() + "/fleet.db", "a.org", clock_);
    lane::Limits lane_limits;
    lane_limits.workers = 2;
    lanes_ = std::make_unique<lane::Lanes>(
        *engine_, layout_, clock_, lane_limits,
        [this](const SpaceId& id, const std::string& why) {
          (void)registry_->set_state(id, fleet::State::frozen, why);
        },
        appointment());
    blobs_ = std::make_unique<blobs::Store>(engine_->disk(), layout_);
    fleet_ = std::make_unique<fleet::Fleet>(
        fleet::Parts{*engine_, layout_, *lanes_, *blobs_, *registry_, clock_});
    ASSERT_TRUE(fleet_->recover());
    jobs_ =
        std::make_unique<Jobs>(Parts{*fleet_, *registry_, *blobs_, clock_, &previews_}, limits_);
  }
  void restart() {
    jobs_.reset();
    fleet_.reset();
    blobs_.reset();
    lanes_.reset();
    registry_.reset();
    start();
  }
  SpaceId create(const std::string& slug) {
    return fleet_->create_space({slug, "Club " + slug, {}, kGiB})->id;
  }
  // Everything that is due now. Returns the number of steps.
  int run() {
    int steps = 0;
    while (jobs_->step()) {
      if (++steps > 10'000) ADD_FAILURE() << "the jobs never end";
    }
    return steps;
  }
  // As if the marks had been left by an older release.
  void upgrade() {
    run();
    auto mark = **registry_->job_mark("migrate");
    EXPECT_EQ(mark.version, store::schema_version());
    mark.version -= 1;
    ASSERT_TRUE(registry_->set_job_mark("migrate", mark));
  }
  std::string drop_content(const SpaceId& id, const std::string& content) {
    auto spool = *blobs_->begin(id);
    EXPECT_TRUE(spool->write(std::as_bytes(std::span(content))));
    EXPECT_TRUE(spool->finish());
    auto blob = spool->take();
    auto done = fleet_->write(id, [&](store::WriteTx& tx) -> Result<int> {
      blobs_->add_ref(tx, blob);
      blobs_->drop_ref(tx, blob.sha256());
      return 0;
    });
    EXPECT_TRUE(done);
    return blobs_->path(id, blob.sha256());
  }

  TestClock clock_{Instant{1'700'000'000'000}};
  disk::TestFolder folder_;
  store::Layout layout_{folder_.path()};
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::local_engine();
  previewer::Cache previews_{engine_->disk(), layout_};
  Limits limits_;
  std::unique_ptr<fleet::Registry> registry_;
  std::unique_ptr<lane::Lanes> lanes_;
  std::unique_ptr<blobs::Store> blobs_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<Jobs> jobs_;
};

TEST_F(JobsTest, every_space_is_visited_once_a_day) {
  for (int i = 0; i < 10; ++i) create("s" + std::to_string(i));
  run();
  EXPECT_EQ(lanes_->counters().opens, 0) << "nothing to do in a new fleet";
  clock_.advance(24h);
  run();
  EXPECT_EQ(lanes_->counters().opens, 10);
  auto writes = lanes_->counters().writes;
  EXPECT_GT(writes, 10);
  run();
  EXPECT_EQ(lanes_->counters().writes, writes) << "nothing is due";
  clock_.advance(24h);
  run();
  EXPECT_EQ(lanes_->counters().writes, 2 * writes);
}

TEST_F(JobsTest, a_restart_goes_on_where_it_was) {
  for (int i = 0; i < 12; ++i) create("s" + std::to_string(i));
  upgrade();
  auto migrated = [&] { return *registry_->job_mark("migrate"); };
  ASSERT_TRUE(jobs_->step());
  EXPECT_FALSE(migrated()->finished);
  auto cursor = migrated()->cursor;
  EXPECT_EQ(cursor, registry_->after({}, 4).back().id);
  restart();
  ASSERT_TRUE(jobs_->step());
  EXPECT_EQ(migrated()->cursor, registry_->after(cursor, 4).back().id);
  EXPECT_LE(lanes_->counters().opens, 4);
  run();
  EXPECT_TRUE(migrated()->finished);
  restart();
  EXPECT_FALSE(jobs_->step()) << "nothing is due";
  EXPECT_EQ(lanes_->counters().opens, 0);
}

TEST_F(JobsTest, an_upgrade_visits_every_space_again) {
  create("voile");
  upgrade();
  restart();
  run();
  EXPECT_EQ(lanes_->counters().opens, 1);
  EXPECT_EQ((*registry_->job_mark("migrate"))->version, store::schema_version());
}

TEST_F(JobsTest, a_guest_whose_end_is_over_is_disabled_and_the_audit_says_so) {
  auto key = secrets::random_key();
  auto id = create("voile");
  jobs_ = std::make_unique<Jobs>(Parts{*fleet_, *registry_, *blobs_, clock_, &previews_, &key},
                                 limits_);
  auto made = fleet_->write(id, [&](store::WriteTx& tx) -> Result<int> {
    auto gil = TRY(members::add(tx, {.uid = "gil",
                                     .display = "",
                                     .email = std::nullopt,
                                     .role = members::Role::guest,
                                     .quota_bytes = std::nullopt,
                                     .password_hash = "x"}));
    TRY_VOID(members::set_expiry(tx, gil.id, Instant{tx.now().ms + 1'000}));
    return 0;
  });
  ASSERT_TRUE(made);
  run();
  clock_.advance(24h);
  run();
  auto rows = fleet_->read(id, [&](store::ReadTx& tx) {
    return Result<std::vector<members::audit::Row>>(members::audit::list(tx, 0, 10));
  });
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1);
  EXPECT_EQ(rows->front().actor, members::audit::kServer);
  EXPECT_EQ(rows->front().object, "gil: expired");
  jobs_.reset();
}

TEST_F(JobsTest, previews_go_when_nothing_refers_to_their_content) {
  auto id = create("voile");
  auto hash_of = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  auto dropped = hash_of(drop_content(id, "dropped"));
  auto spool = *blobs_->begin(id);
  ASSERT_TRUE(spool->write(std::as_bytes(std::span(std::string_view("kept")))));
  ASSERT_TRUE(spool->finish());
  auto blob = spool->take();
  ASSERT_TRUE(fleet_->write(id, [&](store::WriteTx& tx) -> Result<int> {
    blobs_->add_ref(tx, blob);
    return 0;
  }));
  run();
  for (const auto& hash : {dropped, blob.sha256(), std::string(64, 'a')}) {
    ASSERT_TRUE(previews_.write(id, hash, "image-fill-64x64", "picture"));
  }
  clock_.advance(24h);
  run();
  EXPECT_FALSE(previews_.read(id, dropped, "image-fill-64x64"));
  EXPECT_FALSE(previews_.read(id, std::string(64, 'a'), "image-fill-64x64"));
  EXPECT_TRUE(previews_.read(id, blob.sha256(), "image-fill-64x64"));
}

TEST_F(JobsTest, contents_nobody_refers_to_go_after_the_horizon) {
  auto id = create("voile");
  auto path = drop_content(id, std::string(100'000, 'x'));
  run();
  EXPECT_TRUE(std::filesystem::exists(path));
  clock_.advance(29 * 24h);
  run();
  EXPECT_TRUE(std::filesystem::exists(path));
  clock_.advance(2 * 24h);
  run();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(JobsTest, bins_expire_versions_thin_and_forgotten_uploads_go) {
  auto id = create("voile");
  run();
  access::Caller lea;
  access::Place home;
  auto write = [&](auto&& turn) {
    auto done = fleet_->write(id, [&](store::WriteTx& tx) -> Result<int> {
      turn(tx);
      return 0;
    });
    ASSERT_TRUE(done);
  };
  write([&](store::WriteTx& tx) {
    members::NewMember wanted;
    wanted.uid = wanted.display = "lea";
    wanted.password_hash = "x";
    auto member = *members::add(tx, wanted);
    ASSERT_TRUE(files::create_home(tx, member));
    lea = *access::caller_of(tx, member.id);
    home = *access::files_of(lea, "lea");
  });
  auto put = [&](const std::string& name, const std::string& content) {
    auto spool = *blobs_->begin(id);
    EXPECT_TRUE(spool->write(std::as_bytes(std::span(content))));
    EXPECT_TRUE(spool->finish());
    auto blob = spool->take();
    write([&](store::WriteTx& tx) {
      EXPECT_TRUE(files::put(tx, *blobs_, lea, home, {name}, {blob, "", {}, {}}));
    });
  };
  // Two saves within a minute, and one more: a day later one of the two versions is enough.
  put("plan", "one");
  clock_.advance(15s);
  put("plan", "two");
  clock_.advance(15s);
  put("plan", "three");
  put("gone", "gone");
  write([&](store::WriteTx& tx) {
    EXPECT_TRUE(files::remove(tx, lea, home, {"gone"}));
    EXPECT_TRUE(files::begin_upload(tx, lea, "42"));
  });
  auto counts = [&] {
    return *fleet_->read(id, [&](store::ReadTx& tx) -> Result<std::vector<std::size_t>> {
      auto plan = *files::find(tx, lea, home, {"plan"});
      return std::vector<std::size_t>{files::versions(tx, plan.id).size(),
                                      files::list_bin(tx, lea, home)->size(),
                                      files::find_upload(tx, lea, "42") ? 1u : 0u,
                                      static_cast<std::size_t>(files::used_by_space(tx))};
    });
  };
  EXPECT_THAT(counts(), testing::ElementsAre(2, 1, 1, 3 + 3 + 5 + 4));
  clock_.advance(29 * 24h);
  run();
  EXPECT_THAT(counts(), testing::ElementsAre(1, 1, 0, 3 + 5 + 4));
  clock_.advance(2 * 24h);
  run();
  EXPECT_THAT(counts(), testing::ElementsAre(1, 0, 0, 3 + 5));
}

TEST_F(JobsTest, activity_goes_after_a_year) {
  auto id = create("voile");
  auto known = [&] {
    return *fleet_->read(id, [](store::ReadTx& tx) -> Result<std::size_t> {
      return notices::activity(tx, {}).size();
    });
  };
  ASSERT_TRUE(fleet_->write(id, [](store::WriteTx& tx) -> Result<int> {
    notices::record(tx, {.type = notices::Type::file_created,
                         .actor = {},
                         .node = {101},
                         .parent = {100},
                         .name = "a.txt",
                         .recipient = {}});
    return 0;
  }));
  run();
  clock_.advance(notices::kActivityAge);
  run();
  EXPECT_EQ(known(), 1u);
  clock_.advance(24h);
  run();
  EXPECT_EQ(known(), 0u);
}

TEST_F(JobsTest, deleted_spaces_go_after_thirty_days) {
  auto id = create("voile");
  ASSERT_TRUE(fleet_->delete_space("voile"));
  run();
  clock_.advance(29 * 24h);
  run();
  EXPECT_TRUE(std::filesystem::exists(layout_.folder(id)));
  clock_.advance(2 * 24h);
  run();
  EXPECT_FALSE(std::filesystem::exists(layout_.folder(id)));
  EXPECT_TRUE(registry_->list().empty());
}

TEST_F(JobsTest, a_damaged_space_is_set_aside_and_the_others_go_on) {
  auto bad = create("bad");
  for (int i = 0; i < 5; ++i) create("s" + std::to_string(i));
  upgrade();
  clock_.advance(24h);
  restart();
  std::filesystem::resize_file(layout_.database(bad), 5'000);
  run();
  EXPECT_EQ(registry_->show(bad)->state, fleet::State::frozen);
  EXPECT_TRUE((*registry_->job_mark("migrate"))->finished);
  EXPECT_TRUE((*registry_->job_mark("housekeeping"))->finished);
  EXPECT_EQ(registry_->counts()[static_cast<std::size_t>(fleet::State::ready)], 5);
}

TEST_F(JobsTest, the_thread_works_and_ends_at_once) {
  for (int i = 0; i < 20; ++i) create("s" + std::to_string(i));
  run();
  clock_.advance(24h);
  ASSERT_TRUE(jobs_->step());
  jobs_->start();
  for (int i = 0; i < 2'000; ++i) {
    auto mark = *registry_->job_mark("housekeeping");
    if (mark && mark->finished) break;
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_TRUE((*registry_->job_mark("housekeeping"))->finished);
  auto begun = std::chrono::steady_clock::now();
  jobs_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

}  // namespace
}  // namespace essaim::jobs
