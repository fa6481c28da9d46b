// The rule that sync clients live by, against a plain model: any change moves the etag of every
// folder above it and of nothing else; sizes and counts always add up; ids are never reused.
#include <map>
#include <random>
#include <set>

#include "features/files/change.h"
#include "features/files/internal/fixture.h"
#include "features/files/quota.h"
#include "space/journal/journal.h"

namespace essaim::files {
namespace {

struct Seen {
  std::int64_t id;
  Seq seq;
  Kind kind;
  ByteCount size;
};
using Picture = std::map<Path, Seen>;

class Propagation : public internal::SpaceFixture {
 protected:
  void look(const Path& path, const Node& node, Picture& out) {
    out[path] = {node.id.value, node.seq, node.kind, node.size};
    if (!node.is_folder()) return;
    for (const Node& child : children(*tx_, caller_, node)) {
      Path below = path;
      below.push_back(child.name);
      look(below, child, out);
    }
  }
  Picture picture() {
    Picture out;
    look({}, *at({}), out);
    return out;
  }
  Path pick(const Picture& from, bool folders) {
    std::vector<Path> fitting;
    for (const auto& [path, seen] : from) {
      if (!folders || seen.kind == Kind::folder) fitting.push_back(path);
    }
    return fitting[random_() % fitting.size()];
  }
  Path fresh_in(const Picture& from) {
    Path path = pick(from, true);
    path.push_back("n" + std::to_string(random_() % 12));
    return path;
  }
  std::mt19937 random_{std::random_device{}()};
};

// Every folder that holds `path`, up to the root.
void add_above(const Path& path, std::set<Path>& out) {
  for (std::size_t length = 0; length < path.size(); ++length) {
    out.insert(Path(path.begin(), path.begin() + static_cast<long>(length)));
  }
}

// What must have changed, given what was touched.
void check_etags(const Picture& before, const Picture& after, const std::set<Path>& touched,
                 const std::set<Path>& above) {
  for (const auto& [path, now] : after) {
    auto old = before.find(path);
    if (old == before.end() || old->second.id != now.id) continue;
    bool expected = above.contains(path) || touched.contains(path);
    EXPECT_EQ(old->second.seq != now.seq, expected) << path.size() << " deep";
  }
}

TEST_F(Propagation, TheRootOfEverythingKnowsEveryNumber) {
  auto root = [&] {
    auto rows = tx_->query("SELECT seq FROM node WHERE id = 1");
    return rows.next() ? rows.int64(0) : -1;
  };
  EXPECT_EQ(root(), journal::last(*tx_)) << "a home was made";
  ASSERT_TRUE(put_text({"a.txt"}, "one"));
  EXPECT_EQ(root(), journal::last(*tx_));
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"a.txt"}));
  EXPECT_EQ(root(), journal::last(*tx_)) << "a bin was made";
}

TEST_F(Propagation, AChangeMovesTheEtagsAboveItAndNoOther) {
  auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_.seed(seed);
  std::set<std::int64_t> ids_gone;
  for (int round = 0; round < 1'500; ++round) {
    Picture before = picture();
    std::set<Path> touched;
    std::set<Path> above;
    bool done = false;
    Path target;
    switch (random_() % 5) {
      case 0:
        target = fresh_in(before);
        done = put_text(target, std::string(random_() % 40, 'x')).has_value();
        touched.insert(target);
        break;
      case 1:
        target = fresh_in(before);
        done = make_folder(*tx_, caller_, place_, target).has_value();
        break;
      case 2:
        target = pick(before, false);
        done = remove(*tx_, caller_, place_, target).has_value();
        break;
      case 3: {
        Path from = pick(before, false);
        target = fresh_in(before);
        done = move(*tx_, caller_, place_, from, target, Overwrite::yes).has_value();
        add_above(from, above);
        break;
      }
      default:
        target = fresh_in(before);
        done = copy(*tx_, *blobs_, caller_, place_, pick(before, false), target, Overwrite::yes,
                    random_() % 4 == 0 ? CopyDepth::folder_only : CopyDepth::everything)
                   .has_value();
        break;
    }
    add_above(target, above);
    Picture after = picture();
    if (!done) {
      touched.clear();
      above.clear();
    }
    check_etags(before, after, touched, above);
    std::set<std::int64_t> ids_now;
    for (const auto& [path, seen] : after) ids_now.insert(seen.id);
    for (const auto& [path, seen] : before) {
      if (!ids_now.contains(seen.id)) ids_gone.insert(seen.id);
    }
    for (std::int64_t id : ids_now) ASSERT_FALSE(ids_gone.contains(id)) << "id reused";
    if (round % 100 == 0) {
      (void)purge(*tx_, *blobs_, 1'000);
      auto differences = recount(*tx_);
      ASSERT_TRUE(differences.empty()) << differences.front();
    }
    if (after.size() > 300) {
      // Start small again; the next picture is taken after this.
      ASSERT_TRUE(remove(*tx_, caller_, place_, {after.rbegin()->first[0]}));
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace essaim::files
