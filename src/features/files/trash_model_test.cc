// The bin and the versions against a plain model: whatever is written, deleted, brought back,
// emptied or expired, the tree, the bin, the versions and every count are those of the model.
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "features/files/internal/fixture.h"
#include "features/files/internal/tree.h"
#include "features/files/quota.h"
#include "features/files/trash.h"
#include "features/files/versions.h"

namespace essaim::files {
namespace {

// One file, wherever it is: its id, its content, and the contents before by their times.
struct File {
  std::int64_t id = 0;
  std::string content;
  std::int64_t mtime = 0;
  std::map<std::int64_t, std::string> versions;
  ByteCount bytes() const {
    auto sum = static_cast<ByteCount>(content.size());
    for (const auto& [time, old] : versions) sum += static_cast<ByteCount>(old.size());
    return sum;
  }
};

using Tree = std::map<std::string, std::map<std::string, File>>;  // folder → name → file

struct Thrown {
  std::string folder;  // where it was
  std::string name;    // empty: the whole folder
  std::int64_t at = 0;
  std::map<std::string, File> files;
};

class Model : public internal::SpaceFixture {
 protected:
  void put_one(const std::string& folder, const std::string& name, const std::string& content) {
    if (!tree_.contains(folder)) {
      RC_ASSERT(!put_text({folder, name}, content));
      return;
    }
    // Every content has a time of its own, far from the others: no rule of thinning applies.
    clock_ += 10'000'000;
    auto spooled = blob(content);
    auto done =
        put(*tx_, *blobs_, caller_, place_, {folder, name}, {spooled, "", clock_, std::nullopt});
    RC_ASSERT(done.has_value());
    auto [at, fresh] = tree_[folder].try_emplace(name);
    File& file = at->second;
    RC_ASSERT(fresh == (done->outcome == Outcome::created));
    if (!fresh) RC_ASSERT(done->node.id.value == file.id);
    if (!fresh && !file.content.empty() && file.content != content) {
      file.versions[file.mtime] = file.content;
    }
    file.id = done->node.id.value;
    file.content = content;
    file.mtime = clock_;
  }

  void make(const std::string& folder) {
    bool done = make_folder(*tx_, caller_, place_, {folder}).has_value();
    RC_ASSERT(done == !tree_.contains(folder));
    if (done) tree_[folder] = {};
  }

  void drop(const std::string& folder, const std::string& name) {
    auto there = tree_.find(folder);
    bool known = there != tree_.end() && (name.empty() || there->second.contains(name));
    Path path{folder};
    if (!name.empty()) path.push_back(name);
    RC_ASSERT(remove(*tx_, caller_, place_, path).has_value() == known);
    if (!known) return;
    Thrown thrown{folder, name, now_.seconds(), {}};
    if (name.empty()) {
      thrown.files = std::move(there->second);
      tree_.erase(there);
    } else {
      thrown.files[name] = std::move(there->second[name]);
      there->second.erase(name);
    }
    bin_.push_back(std::move(thrown));
    wait(1);
  }

  // The oldest entry, or whichever `choice` says.
  void bring_back(std::size_t choice) {
    if (bin_.empty()) return;
    auto at = bin_.begin() + static_cast<long>(choice % bin_.size());
    auto entries = *list_bin(*tx_, caller_, place_);
    auto found = std::ranges::find(entries, at->at, &Binned::deleted);
    RC_ASSERT(found != entries.end());
    auto node = restore(*tx_, caller_, place_, {found->bin_name});
    RC_ASSERT(node.has_value());
    if (at->name.empty()) {
      RC_ASSERT(!tree_.contains(node->name));
      tree_[node->name] = at->files;
    } else {
      // Its folder may be the one it was in, renamed by a restore.
      auto parent = internal::by_id(*tx_, node->parent);
      auto& folder = tree_[parent->name];
      RC_ASSERT(!folder.contains(node->name));
      folder[node->name] = at->files.begin()->second;
    }
    bin_.erase(at);
  }

  void bring_back_version(const std::string& folder, const std::string& name) {
    auto there = tree_.find(folder);
    if (there == tree_.end() || !there->second.contains(name)) return;
    File& file = there->second[name];
    if (file.versions.empty()) return;
    auto [time, content] = *file.versions.begin();
    auto node = restore_version(*tx_, *blobs_, caller_, place_, NodeId{file.id}, time);
    RC_ASSERT(node.has_value());
    file.versions.erase(time);
    if (!file.content.empty() && file.content != content) file.versions[file.mtime] = file.content;
    file.content = content;
    file.mtime = time;
  }

  void expire(std::int64_t seconds) {
    while (expire_bins(*tx_, Duration{seconds * 1000}, 2) > 0) {
    }
    std::erase_if(
        bin_, [&](const Thrown& thrown) { return thrown.at * 1000 < now_.ms - seconds * 1000; });
  }

  void compare_file(const File& file, const Node& node) {
    RC_ASSERT(node.id.value == file.id);
    RC_ASSERT(node.size == static_cast<ByteCount>(file.content.size()));
    RC_ASSERT(blobs_->open(*tx_, node.blob)->inline_bytes == file.content);
    auto kept = versions(*tx_, node.id);
    RC_ASSERT(kept.size() == file.versions.size());
    for (const auto& version : kept) {
      auto found = file.versions.find(version.mtime);
      RC_ASSERT(found != file.versions.end());
      RC_ASSERT(blobs_->open(*tx_, version.blob)->inline_bytes == found->second);
    }
  }

  void compare() {
    ByteCount live = 0;
    ByteCount all = 0;
    RC_ASSERT(children(*tx_, caller_, *at({})).size() == tree_.size() + 1);
    for (const auto& [folder, files] : tree_) {
      auto node = at({folder});
      RC_ASSERT(node.has_value());
      RC_ASSERT(children(*tx_, caller_, *node).size() == files.size());
      for (const auto& [name, file] : files) {
        compare_file(file, *at({folder, name}));
        live += static_cast<ByteCount>(file.content.size());
        all += file.bytes();
      }
    }
    auto entries = *list_bin(*tx_, caller_, place_);
    RC_ASSERT(entries.size() == bin_.size());
    for (const Thrown& thrown : bin_) {
      auto found = std::ranges::find(entries, thrown.at, &Binned::deleted);
      RC_ASSERT(found != entries.end());
      for (const auto& [name, file] : thrown.files) {
        Path path{found->bin_name};
        if (thrown.name.empty()) path.push_back(name);
        compare_file(file, find_binned(*tx_, caller_, place_, path)->node);
        all += file.bytes();
      }
    }
    RC_ASSERT(at({})->size == live);
    RC_ASSERT(used_by_space(*tx_) == all);
    RC_ASSERT(quota(*tx_, place_.root).used == live);
    RC_ASSERT(recount(*tx_).empty());
  }

  void run() {
    auto folder = [] { return *rc::gen::element<std::string>("a", "b", "c"); };
    auto name = [] { return *rc::gen::element<std::string>("x", "y", "z"); };
    switch (*rc::gen::weightedElement<int>(
        {{6, 0}, {3, 1}, {3, 2}, {1, 3}, {4, 4}, {1, 5}, {1, 6}, {3, 7}, {1, 8}})) {
      case 0:
        return put_one(folder(), name(), std::string(*rc::gen::inRange<std::size_t>(0, 30), 'x'));
      case 1:
        return make(folder());
      case 2:
        return drop(folder(), name());
      case 3:
        return drop(folder(), "");
      case 4:
        return bring_back(*rc::gen::arbitrary<std::size_t>());
      case 5:
        RC_ASSERT(empty_bin(*tx_, caller_).has_value());
        bin_.clear();
        return;
      case 6:
        return expire(*rc::gen::inRange(1, 10));
      case 7:
        return bring_back_version(folder(), name());
      default:
        (void)purge(*tx_, *blobs_, *rc::gen::inRange(1, 20));
    }
  }

  std::int64_t clock_ = 0;
  Tree tree_;
  std::vector<Thrown> bin_;
};

TEST_F(Model, TheBinAndTheVersionsAreWhatWasPutThere) {
  EXPECT_TRUE(rc::check([this] {
    // A case of its own in the same space: what the one before did is undone.
    space_.database().script("SAVEPOINT one");
    tree_.clear();
    bin_.clear();
    int steps = *rc::gen::inRange(1, 60);
    struct Undo {
      sqlite::Database& database;
      ~Undo() {
        database.script("ROLLBACK TO one");
        database.script("RELEASE one");
      }
    } undo{space_.database()};
    for (int i = 0; i < steps; ++i) {
      run();
      compare();
    }
  }));
}

}  // namespace
}  // namespace essaim::files
