// A grant that ends moves the etags of those who saw it before their next request is answered.
#include <gtest/gtest.h>

#include "base/secrets/secrets.h"
#include "features/files/change.h"
#include "features/files/places.h"
#include "features/files/reach.h"
#include "features/members/members.h"
#include "platform/disk/testing.h"
#include "platform/sqlite/engine.h"
#include "server/jobs/jobs.h"
#include "space/lane/lanes.h"

namespace essaim::jobs {
namespace {

using namespace std::chrono_literals;

class AppointmentTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }
  void SetUp() override {
    ASSERT_TRUE(fleet_.recover());
    id_ = fleet_.create_space({"voile", "Club de voile", {}, kGiB})->id;
    write([&](store::WriteTx& tx) -> Result<int> {
      for (std::string uid : {"lea", "marc", "nour"}) {
        auto member = TRY(members::add(tx, {.uid = uid,
                                            .display = uid,
                                            .email = std::nullopt,
                                            .quota_bytes = std::nullopt,
                                            .password_hash = "x"}));
        TRY(files::create_home(tx, member));
      }
      auto lea = caller(tx, "lea");
      TRY(files::make_folder(tx, lea, {lea.home}, {"Docs"}));
      return 0;
    });
  }
  static access::Caller caller(store::ReadTx& tx, const std::string& uid) {
    return *access::caller_of(tx, members::find(tx, uid)->id);
  }
  template <class Run>
  void write(Run run) {
    ASSERT_TRUE(fleet_.write(id_, run));
  }
  void give_to_marc(Instant until) {
    write([&](store::WriteTx& tx) -> Result<int> {
      auto lea = caller(tx, "lea");
      auto docs = TRY(files::find(tx, lea, {lea.home}, {"Docs"}));
      access::Grantee marc{access::Grantee::Kind::member, caller(tx, "marc").member.value};
      TRY(files::give(tx, docs.id, marc, access::kEdit, until));
      return 0;
    });
  }
  // What the next request of each of them finds in the etag of their root.
  Seq root_of(const std::string& uid) {
    auto found = fleet_.read(id_, [&](store::ReadTx& tx) -> Result<Seq> {
      auto member = caller(tx, uid);
      return TRY(files::find(tx, member, {member.home}, {})).seq;
    });
    EXPECT_TRUE(found);
    return *found;
  }

  TestClock clock_{Instant{1'700'000'000'000}};
  disk::TestFolder folder_;
  store::Layout layout_{folder_.path()};
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::local_engine();
  std::unique_ptr<fleet::Registry> registry_ =
      *fleet::Registry::open(*engine_, folder_.path() + "/fleet.db", "a.org", clock_);
  lane::Lanes lanes_{
      *engine_,     layout_, clock_, {.workers = 2}, [](const SpaceId&, const std::string&) {},
      appointment()};
  blobs::Store blobs_{engine_->disk(), layout_};
  fleet::Fleet fleet_{fleet::Parts{*engine_, layout_, lanes_, blobs_, *registry_, clock_}};
  SpaceId id_;
};

TEST_F(AppointmentTest, a_grant_that_ends_moves_the_roots_of_those_who_saw_it) {
  give_to_marc({clock_.now().ms + 3'600'000});
  Seq marc = root_of("marc");
  Seq nour = root_of("nour");
  clock_.advance(1h - 1ms);
  EXPECT_EQ(root_of("marc"), marc);
  clock_.advance(1ms);
  EXPECT_NE(root_of("marc"), marc) << "no housekeeping has been there";
  EXPECT_EQ(root_of("nour"), nour);
  marc = root_of("marc");
  EXPECT_EQ(root_of("marc"), marc);
}

TEST_F(AppointmentTest, an_earlier_end_that_is_written_later_counts) {
  give_to_marc({clock_.now().ms + 86'400'000});
  write([&](store::WriteTx& tx) -> Result<int> {
    auto grant = access::grants_meaning(tx, caller(tx, "marc"));
    for (const auto& each : grant) {
      if (!each.until) continue;
      TRY_VOID(files::change_given(tx, each.id, each.rights, Instant{tx.now().ms + 1'000}));
    }
    return 0;
  });
  Seq marc = root_of("marc");
  clock_.advance(1s);
  EXPECT_NE(root_of("marc"), marc);
}

}  // namespace
}  // namespace essaim::jobs
