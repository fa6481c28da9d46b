#include "space/blobs/blobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/core/check.h"
#include "base/secrets/digest.h"
#include "base/secrets/secrets.h"
#include "platform/sqlite/testing.h"

namespace essaim::blobs {
namespace {

using store::ReadTx;
using store::WriteTx;

constexpr Duration kDay{86'400'000};

class BlobsTest : public ::testing::TestWithParam<sqlite::EngineKind> {
 protected:
  static void SetUpTestSuite() { secrets::initialize(); }

  void SetUp() override {
    ASSERT_TRUE(store::create(*engine_, layout_, id_, {"Voile", kGiB, {}}, disk::Durable::no));
    space_ = std::move(*store::Space::open(*engine_, layout_, id_));
    store_ = std::make_unique<Store>(engine_->disk(), layout_);
  }

  SpooledBlob spool(const std::string& text, std::optional<ChecksumType> extra = std::nullopt) {
    auto spool = store_->begin(id_, extra);
    EXPECT_TRUE(spool);
    // In pieces, as a body arrives.
    for (std::size_t at = 0; at < text.size(); at += 7'000) {
      std::string_view piece = std::string_view(text).substr(at, 7'000);
      EXPECT_TRUE((*spool)->write(std::as_bytes(std::span(piece.data(), piece.size()))));
    }
    EXPECT_TRUE((*spool)->finish());
    return (*spool)->take();
  }
  // Runs `action` as a write turn at the test's time.
  template <class Action>
  auto turn(Action action) {
    auto& db = space_->database();
    db.execute("BEGIN IMMEDIATE");
    WriteTx tx(db, space_->facts(), now_);
    struct Commit {
      sqlite::Database& db;
      ~Commit() { db.execute("COMMIT"); }
    } commit{db};
    return action(tx);
  }
  std::string content(std::string_view sha256) {
    auto found = turn([&](WriteTx& tx) { return store_->open(tx, sha256); });
    EXPECT_TRUE(found);
    if (!found) return {};
    if (!found->file) return found->inline_bytes;
    std::string text(static_cast<std::size_t>(found->size), '\0');
    EXPECT_EQ(::pread(found->file.get(), text.data(), text.size(), 0), found->size);
    return text;
  }
  std::string file(std::string_view sha256) { return store_->path(id_, sha256); }

  const SpaceId id_{"aa00000000000000"};
  Instant now_{1'700'000'000'000};
  disk::TestFolder folder_;
  disk::FaultPlan plan_;
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::make_engine(GetParam(), plan_);
  const store::Layout layout_{folder_.path()};
  std::unique_ptr<store::Space> space_;
  std::unique_ptr<Store> store_;
};

TEST_P(BlobsTest, small_contents_live_in_the_database_and_large_ones_in_a_file_of_their_hash) {
  for (std::size_t size : {0, 1, 16 * 1024, 16 * 1024 + 1, 300'000}) {
    std::string text(size, 'x');
    auto blob = spool(text);
    EXPECT_EQ(blob.sha256(), secrets::sha256_hex(text));
    EXPECT_EQ(blob.size(), static_cast<ByteCount>(size));
    EXPECT_EQ(blob.is_inline(), size <= 16 * 1024);
    EXPECT_EQ(std::filesystem::exists(file(blob.sha256())), !blob.is_inline());
    turn([&](WriteTx& tx) { store_->add_ref(tx, blob); });
    EXPECT_EQ(content(blob.sha256()), text);
  }
}

TEST_P(BlobsTest, a_second_digest_is_taken_as_the_bytes_pass) {
  auto blob = spool("abc", ChecksumType::md5);
  EXPECT_EQ(blob.extra(), "900150983cd24fb0d6963f7d28e17f72");
}

TEST_P(BlobsTest, a_body_that_is_given_up_leaves_nothing) {
  {
    auto spool = store_->begin(id_);
    std::string text(50'000, 'x');
    ASSERT_TRUE((*spool)->write(std::as_bytes(std::span(text.data(), text.size()))));
  }
  EXPECT_TRUE(std::filesystem::is_empty(layout_.tmp(id_)));
  EXPECT_TRUE(std::filesystem::is_empty(layout_.blobs(id_)));
}

TEST_P(BlobsTest, the_same_content_is_kept_once_and_counted) {
  std::string text(20'000, 'y');
  auto one = spool(text);
  auto two = spool(text);
  turn([&](WriteTx& tx) {
    store_->add_ref(tx, one);
    store_->add_ref(tx, two);
    store_->add_ref(tx, one.sha256());
    store_->drop_ref(tx, one.sha256());
    auto rows = tx.query("SELECT refs, zero_at FROM blob");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.int64(0), 2);
    EXPECT_TRUE(rows.null(1));
  });
}

TEST_P(BlobsTest, copying_a_content_nobody_has_is_a_bug) {
  turn([&](WriteTx& tx) {
    EXPECT_THROW(store_->add_ref(tx, std::string(64, '0')), CheckFailure);
    EXPECT_THROW(store_->drop_ref(tx, std::string(64, '0')), CheckFailure);
  });
}

TEST_P(BlobsTest, a_blob_without_references_is_swept_after_the_horizon_and_not_before) {
  std::string hash;
  {
    auto blob = spool(std::string(20'000, 'z'));
    hash = blob.sha256();
    turn([&](WriteTx& tx) { store_->add_ref(tx, blob); });
  }
  turn([&](WriteTx& tx) { store_->drop_ref(tx, hash); });
  now_.ms += kDay.count();
  EXPECT_EQ(turn([&](WriteTx& tx) { return store_->sweep(tx, kDay, 10); }), 0);
  EXPECT_TRUE(std::filesystem::exists(file(hash)));
  now_.ms += 1;
  EXPECT_EQ(turn([&](WriteTx& tx) { return store_->sweep(tx, kDay, 10); }), 1);
  EXPECT_FALSE(std::filesystem::exists(file(hash)));
  auto gone = turn([&](WriteTx& tx) { return store_->open(tx, hash); });
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::corrupt);
}

TEST_P(BlobsTest, what_fell_to_zero_a_moment_ago_is_never_swept) {
  auto hash = spool(std::string(20'000, 'z')).sha256();
  turn([&](WriteTx& tx) {
    store_->add_ref(tx, spool(std::string(20'000, 'z')));
    store_->drop_ref(tx, hash);
  });
  now_.ms += kSweepAgeMin.count();
  EXPECT_EQ(turn([&](WriteTx& tx) { return store_->sweep(tx, Duration(0), 10); }), 0);
  now_.ms += 1;
  EXPECT_EQ(turn([&](WriteTx& tx) { return store_->sweep(tx, Duration(0), 10); }), 1);
}

TEST_P(BlobsTest, what_a_restore_may_want_is_held_also_when_an_upload_brings_and_drops_it_again) {
  auto blob = spool("a file that somebody deleted");
  turn([&](WriteTx& tx) { store_->add_ref(tx, blob); });
  turn([&](WriteTx& tx) { store_->drop_ref(tx, blob.sha256()); });
  now_.ms += kDay.count();
  turn([&](WriteTx& tx) { store_->add_ref(tx, blob); });
  turn([&](WriteTx& tx) { store_->drop_ref_at_once(tx, blob.sha256()); });
  now_.ms += kDay.count();
  EXPECT_EQ(*turn([&](WriteTx& tx) { return store_->sweep(tx, kDay * 3, 10); }), 0);
  now_.ms += 2 * kDay.count();
  EXPECT_EQ(*turn([&](WriteTx& tx) { return store_->sweep(tx, kDay * 3, 10); }), 1);
}

TEST_P(BlobsTest, every_content_has_its_crc) {
  auto blob = spool(std::string(100'000, 'x'));
  turn([&](WriteTx& tx) { store_->add_ref(tx, blob); });
  EXPECT_EQ(*turn([&](WriteTx& tx) { return store_->crc32(tx, blob.sha256()); }), blob.crc32());
  EXPECT_EQ(turn([&](WriteTx& tx) { return store_->open(tx, blob.sha256()); })->crc32,
            blob.crc32());
}

TEST_P(BlobsTest, a_pinned_blob_is_not_swept) {
  std::string text(20'000, 'p');
  auto blob = spool(text);
  turn([&](WriteTx& tx) {
    store_->add_ref(tx, blob);
    store_->drop_ref(tx, blob.sha256());
  });
  now_.ms += 2 * kDay.count();
  EXPECT_EQ(turn([&](WriteTx& tx) { return store_->sweep(tx, kDay, 10); }), 0);
  turn([&](WriteTx& tx) { store_->add_ref(tx, blob); });
  EXPECT_EQ(content(blob.sha256()), text);
}

TEST_P(BlobsTest, content_that_comes_back_after_its_file_was_swept_is_whole_again) {
  std::string text(20'000, 'q');
  auto hash = spool(text).sha256();
  turn([&](WriteTx& tx) {
    store_->add_ref(tx, spool(text));
    store_->drop_ref(tx, hash);
  });
  // As a sweep that removed the file and lost its commit.
  std::filesystem::remove(file(hash));
  auto again = spool(text);
  turn([&](WriteTx& tx) { store_->add_ref(tx, again); });
  EXPECT_EQ(content(hash), text);
}

TEST_P(BlobsTest, a_damaged_file_is_repaired_by_the_same_content_arriving_again) {
  std::string text(20'000, 'r');
  auto blob = spool(text);
  turn([&](WriteTx& tx) { store_->add_ref(tx, blob); });
  std::filesystem::resize_file(file(blob.sha256()), 100);
  EXPECT_THAT(*turn([&](WriteTx& tx) { return store_->missing(tx, 10); }),
              ::testing::ElementsAre(blob.sha256()));
  spool(text);
  EXPECT_TRUE(turn([&](WriteTx& tx) { return store_->missing(tx, 10); })->empty());
}

TEST_P(BlobsTest, an_orphan_is_removed_after_a_day) {
  auto kept = spool(std::string(20'000, 'k'));
  turn([&](WriteTx& tx) { store_->add_ref(tx, kept); });
  auto orphan = spool(std::string(20'000, 'o')).sha256();
  std::ofstream(layout_.tmp(id_) + "/.new-1-1") << "litter";
  auto sweep_all = [&] {
    int removed = 0;
    for (int shard = 0; shard < 256; ++shard) {
      removed += *turn([&](WriteTx& tx) { return store_->sweep_orphans(tx, shard); });
    }
    return removed;
  };
  now_ = SystemClock().now();
  EXPECT_EQ(sweep_all(), 0);
  now_.ms += kOrphanAge.count() + 2'000;
  EXPECT_EQ(sweep_all(), 2);
  EXPECT_FALSE(std::filesystem::exists(file(orphan)));
  EXPECT_TRUE(std::filesystem::exists(file(kept.sha256())));
}

TEST_P(BlobsTest, an_open_content_stays_readable_when_the_blob_is_swept) {
  std::string hash;
  {
    auto blob = spool(std::string(20'000, 's'));
    hash = blob.sha256();
    turn([&](WriteTx& tx) { store_->add_ref(tx, blob); });
  }
  auto open = turn([&](WriteTx& tx) { return store_->open(tx, hash); });
  turn([&](WriteTx& tx) { store_->drop_ref(tx, hash); });
  now_.ms += 2 * kDay.count();
  EXPECT_EQ(turn([&](WriteTx& tx) { return store_->sweep(tx, kDay, 10); }), 1);
  char first = 0;
  EXPECT_EQ(::pread(open->file.get(), &first, 1, 0), 1);
  EXPECT_EQ(first, 's');
}

INSTANTIATE_TEST_SUITE_P(engines, BlobsTest, ::testing::ValuesIn(sqlite::kEngineKinds),
                         sqlite::kind_name);

}  // namespace
}  // namespace essaim::blobs
