#include "features/files/search.h"

#include <algorithm>

#include "base/text/text.h"
#include "features/files/change.h"
#include "features/files/internal/fixture.h"
#include "features/files/internal/match.h"

namespace essaim::files {
namespace {

using Op = Condition::Op;
using Names = std::vector<std::string>;

Condition about(Op op, Field field, std::string text) {
  Condition out;
  out.op = op;
  out.field = field;
  out.text = std::move(text);
  return out;
}
Condition about(Op op, Field field, std::int64_t number) {
  Condition out;
  out.op = op;
  out.field = field;
  out.number = number;
  return out;
}
Condition group(Op op, std::vector<Condition> of) {
  Condition out;
  out.op = op;
  out.of = std::move(of);
  return out;
}

class Searches : public internal::SpaceFixture {
 protected:
  void SetUp() override {
    SpaceFixture::SetUp();
    for (const Path& path : {Path{"Photos"}, Path{"Photos", "Été"}, Path{"Docs"}}) {
      ASSERT_TRUE(make_folder(*tx_, caller_, place_, path));
    }
    file({"Photos", "a.jpg"}, 100);
    file({"Photos", "Été", "b.PNG"}, 300);
    file({"Photos", "Été", "mer.mp4"}, 200);
    file({"Docs", "Été à la mer.txt"}, 250);
    file({"Docs", "100%_sûr.txt"}, 50);
    file({"œuf.txt"}, 400);
  }
  void file(const Path& path, std::int64_t mtime, std::string_view bytes = "x") {
    auto content = blob(bytes);
    ASSERT_TRUE(put(*tx_, *blobs_, caller_, place_, path, {content, "", mtime, std::nullopt}));
  }
  Names names(Search search, std::int64_t limit = 100) {
    if (!search.scope.id) search.scope = *at({});
    search.limit = limit;
    auto found = files::search(*tx_, caller_, place_, search);
    EXPECT_TRUE(found);
    Names out;
    for (const Found& each : *found) {
      std::string joined;
      for (const std::string& part : each.path) joined += "/" + part;
      EXPECT_EQ(at(each.path)->id, each.node.id);
      out.push_back(joined);
    }
    if (search.order.empty()) std::ranges::sort(out);
    return out;
  }
};

TEST_F(Searches, NamesAreFoundWithoutCaseAndAccents) {
  Search search{.where = about(Op::like, Field::name, "%ETE%")};
  EXPECT_EQ(names(search), (Names{"/Docs/Été à la mer.txt", "/Photos/Été"}));
  search.where.text = "%oeuf%";
  EXPECT_EQ(names(search), Names{"/œuf.txt"});
  search.where.text = "_.jpg";
  EXPECT_EQ(names(search), Names{"/Photos/a.jpg"});
  search.where.text = "100\\%\\_s_r%";
  EXPECT_EQ(names(search), Names{"/Docs/100%_sûr.txt"});
  search.where = about(Op::equal, Field::name, "PHOTOS");
  EXPECT_EQ(names(search), Names{"/Photos"});
}

TEST_F(Searches, MediaAreFoundByDate) {
  auto image = about(Op::like, Field::type, "image/%");
  auto video = about(Op::like, Field::type, "video/%");
  Search search{.where = group(Op::any, {image, video}), .order = {{Field::mtime, true}}};
  EXPECT_EQ(names(search), (Names{"/Photos/Été/b.PNG", "/Photos/Été/mer.mp4", "/Photos/a.jpg"}));
  EXPECT_EQ(names(search, 2), (Names{"/Photos/Été/b.PNG", "/Photos/Été/mer.mp4"}));
  search.first = 1;
  EXPECT_EQ(names(search, 1), Names{"/Photos/Été/mer.mp4"});
  search.first = 0;
  search.order[0].descending = false;
  EXPECT_EQ(names(search, 2), (Names{"/Photos/a.jpg", "/Photos/Été/mer.mp4"}));
  auto window = group(Op::any, {group(Op::all, {about(Op::less, Field::mtime, 300),
                                                about(Op::greater, Field::mtime, 100)})});
  search.where = group(Op::all, {search.where, window});
  EXPECT_EQ(names(search), Names{"/Photos/Été/mer.mp4"});
  search.order.clear();
  EXPECT_EQ(names(search), Names{"/Photos/Été/mer.mp4"});
}

TEST_F(Searches, TiesOfTheFirstOrderAreToldByTheNext) {
  for (std::string_view name : {"d.jpg", "c.jpg", "É.jpg", "e.jpg"}) {
    file({"Photos", std::string(name)}, 100);
  }
  Search search{.where = about(Op::like, Field::type, "image/%"),
                .order = {{Field::mtime, true}, {Field::name, true}}};
  EXPECT_EQ(names(search, 3), (Names{"/Photos/Été/b.PNG", "/Photos/É.jpg", "/Photos/e.jpg"}));
}

TEST_F(Searches, StarsIdsKindsAndNot) {
  set_favorite(*tx_, caller_, at({"Docs"})->id, true);
  set_favorite(*tx_, caller_, at({"œuf.txt"})->id, true);
  Search search{.where = about(Op::equal, Field::favorite, 1)};
  EXPECT_EQ(names(search), (Names{"/Docs", "/œuf.txt"}));
  Condition folder;
  folder.op = Op::is_folder;
  search.where = group(Op::all, {search.where, group(Op::none, {folder})});
  EXPECT_EQ(names(search), Names{"/œuf.txt"});
  search.where = about(Op::equal, Field::id, at({"Photos", "a.jpg"})->id.value);
  EXPECT_EQ(names(search), Names{"/Photos/a.jpg"});
  search.where = folder;
  EXPECT_EQ(names(search), (Names{"/Docs", "/Espace commun", "/Photos", "/Photos/Été"}));
  search.where = about(Op::equal, Field::unknown, 1);
  EXPECT_EQ(names(search), Names{});
  search.where = about(Op::equal, Field::owner, "lea");
  EXPECT_EQ(names(search).size(), 10U);
  search.where = about(Op::equal, Field::owner, "marc");
  EXPECT_EQ(names(search), Names{});
}

TEST_F(Searches, TheScopeAndItsDepthHold) {
  Search search{.scope = *at({"Photos"})};
  EXPECT_EQ(names(search),
            (Names{"/Photos/a.jpg", "/Photos/Été", "/Photos/Été/b.PNG", "/Photos/Été/mer.mp4"}));
  search.depth = SearchDepth::children;
  EXPECT_EQ(names(search), (Names{"/Photos", "/Photos/a.jpg", "/Photos/Été"}));
  search.depth = SearchDepth::self;
  EXPECT_EQ(names(search), Names{"/Photos"});
  search = {.where = about(Op::like, Field::name, "%mer%"), .scope = *at({"Docs"})};
  EXPECT_EQ(names(search), Names{"/Docs/Été à la mer.txt"});
  search = {.where = about(Op::equal, Field::id, at({"Docs"})->id.value), .scope = *at({"Photos"})};
  EXPECT_EQ(names(search), Names{});
}

TEST_F(Searches, WhatIsGoneOrOfOthersIsNeverFound) {
  NodeId gone = at({"Photos", "a.jpg"})->id;
  ASSERT_TRUE(remove(*tx_, caller_, place_, {"Photos"}));
  auto lea = caller_;
  auto place = place_;
  caller_ = member("marc");
  place_ = *access::files_of(caller_, "marc");
  file({"mer de Marc.png"}, 10);
  NodeId other = at({"mer de Marc.png"})->id;
  caller_ = lea;
  place_ = place;
  Search search{.where = about(Op::like, Field::name, "%mer%")};
  EXPECT_EQ(names(search), Names{"/Docs/Été à la mer.txt"});
  search = {.where = about(Op::like, Field::type, "image/%"), .order = {{Field::mtime, true}}};
  EXPECT_EQ(names(search), Names{});
  for (NodeId id : {gone, other}) {
    search = {.where = about(Op::equal, Field::id, id.value)};
    EXPECT_EQ(names(search), Names{});
  }
  search.where = {};
  EXPECT_EQ(names(search), (Names{"/Docs", "/Docs/100%_sûr.txt", "/Docs/Été à la mer.txt",
                                  "/Espace commun", "/œuf.txt"}));
  search.scope.id = other;
  EXPECT_FALSE(files::search(*tx_, caller_, place_, search));
}

TEST(NameOrder, IsThatOfADictionary) {
  Names sorted{"cote", "Cote", "côte", "coté", "œuf", "Été", "ete", "été", "zoo", "a"};
  std::ranges::sort(sorted, {}, text::sort_key);
  EXPECT_EQ(sorted,
            (Names{"a", "Cote", "cote", "coté", "côte", "ete", "Été", "été", "œuf", "zoo"}));
}

TEST(Like, KnowsItsTwoSigns) {
  EXPECT_TRUE(internal::like("abc", "a%"));
  EXPECT_TRUE(internal::like("abc", "%"));
  EXPECT_TRUE(internal::like("", ""));
  EXPECT_TRUE(internal::like("aXbXc", "a%b%c"));
  EXPECT_TRUE(internal::like("é", "_"));
  EXPECT_TRUE(internal::like("a%", "a\\%"));
  EXPECT_FALSE(internal::like("ab", "a\\%"));
  EXPECT_FALSE(internal::like("abc", "a_"));
  EXPECT_FALSE(internal::like("abc", ""));
  EXPECT_FALSE(internal::like(std::string(250, 'a'), "%a%a%a%a%a%a%a%a%b"));
}

}  // namespace
}  // namespace essaim::files
