#include "features/files/tags.h"

#include "features/files/internal/fixture.h"

namespace essaim::files {
namespace {

class TagsTest : public internal::SpaceFixture {
 protected:
  void SetUp() override {
    SpaceFixture::SetUp();
    ASSERT_TRUE(make_folder(*tx_, caller_, place_, {"d"}));
    ASSERT_TRUE(put_text({"d", "a.jpg"}, "one"));
    ASSERT_TRUE(put_text({"b.txt"}, "two"));
    a_ = at({"d", "a.jpg"})->id;
    b_ = at({"b.txt"})->id;
    head_ = caller_;
    head_.role = members::Role::gestion;
  }

  Tag made(std::string name) { return *add_tag(*tx_, caller_, {.name = std::move(name)}); }
  Tag hidden(std::string name) {
    return *add_tag(*tx_, head_, {.name = std::move(name), .visible = Visible::no});
  }
  static std::string names(const std::vector<Tag>& tags) {
    std::string out;
    for (const Tag& tag : tags) out += tag.name + ",";
    return out;
  }
  Result<void> assign(const access::Caller& caller, NodeId node, const Tag& tag) {
    return assign_tag(*tx_, caller, place_, node, tag.id);
  }

  access::Caller head_;
  NodeId a_;
  NodeId b_;
};

TEST_F(TagsTest, ATagIsMadeOnce) {
  auto tag = add_tag(*tx_, caller_, {.name = " Été ", .color = "#FF8800"});
  ASSERT_TRUE(tag);
  EXPECT_EQ(find_tag(*tx_, caller_, tag->id)->name, "Été");
  EXPECT_EQ(find_tag(*tx_, caller_, tag->id)->color, "ff8800");
  made("urgent");
  EXPECT_EQ(add_tag(*tx_, caller_, {.name = "URGENT"}).error().code, Code::exists);
  EXPECT_EQ(names(tags(*tx_, caller_)), "urgent,Été,");
}

TEST_F(TagsTest, ANameAndAColourHaveTheirForm) {
  EXPECT_EQ(add_tag(*tx_, caller_, {.name = " "}).error().code, Code::bad_request);
  EXPECT_EQ(add_tag(*tx_, caller_, {.name = "a\nb"}).error().code, Code::bad_request);
  EXPECT_EQ(add_tag(*tx_, caller_, {.name = "\xff"}).error().code, Code::bad_request);
  EXPECT_TRUE(add_tag(*tx_, caller_, {.name = std::string(kTagNameMax, 'a')}));
  EXPECT_EQ(add_tag(*tx_, caller_, {.name = std::string(kTagNameMax + 1, 'a')}).error().code,
            Code::bad_request);
  EXPECT_EQ(add_tag(*tx_, caller_, {.name = "c", .color = "red"}).error().code, Code::bad_request);
}

TEST_F(TagsTest, OnlyGestionHasTagsThatAreNotForEveryone) {
  EXPECT_EQ(add_tag(*tx_, caller_, {.name = "x", .visible = Visible::no}).error().code,
            Code::forbidden);
  EXPECT_EQ(add_tag(*tx_, caller_, {.name = "x", .assignable = Assignable::no}).error().code,
            Code::forbidden);
  auto secret = hidden("secret");
  auto tag = made("plain");
  EXPECT_EQ(names(tags(*tx_, head_)), "plain,secret,");
  EXPECT_EQ(names(tags(*tx_, caller_)), "plain,");
  EXPECT_EQ(find_tag(*tx_, caller_, secret.id).error().code, Code::not_found);
  EXPECT_EQ(assign(caller_, a_, secret).error().code, Code::not_found);
  EXPECT_EQ(change_tag(*tx_, caller_, tag.id, {.visible = Visible::no}).error().code,
            Code::forbidden);
  EXPECT_EQ(remove_tag(*tx_, caller_, tag.id).error().code, Code::forbidden);
  EXPECT_EQ(remove_tag(*tx_, caller_, secret.id).error().code, Code::not_found);
  EXPECT_TRUE(remove_tag(*tx_, head_, tag.id));
  EXPECT_EQ(remove_tag(*tx_, head_, tag.id).error().code, Code::not_found);
  ASSERT_TRUE(assign(head_, a_, secret));
  EXPECT_EQ(names(tags_on(*tx_, head_, {a_})[a_.value]), "secret,");
  EXPECT_TRUE(tags_on(*tx_, caller_, {a_}).empty());
}

TEST_F(TagsTest, AGuestMakesAndChangesNone) {
  auto tag = made("plain");
  auto guest = caller_;
  guest.role = members::Role::guest;
  EXPECT_EQ(add_tag(*tx_, guest, {.name = "x"}).error().code, Code::forbidden);
  EXPECT_EQ(change_tag(*tx_, guest, tag.id, {.name = "x"}).error().code, Code::forbidden);
}

TEST_F(TagsTest, ATagChanges) {
  auto tag = made("plain");
  made("other");
  ASSERT_TRUE(change_tag(*tx_, caller_, tag.id, {.name = "Plain", .color = "112233"}));
  EXPECT_EQ(find_tag(*tx_, caller_, tag.id)->name, "Plain");
  EXPECT_EQ(find_tag(*tx_, caller_, tag.id)->color, "112233");
  EXPECT_EQ(change_tag(*tx_, caller_, tag.id, {.name = "other"}).error().code, Code::exists);
  EXPECT_EQ(change_tag(*tx_, caller_, {99}, {.name = "x"}).error().code, Code::not_found);
  ASSERT_TRUE(change_tag(*tx_, head_, tag.id, {.assignable = Assignable::no}));
  EXPECT_EQ(assign(caller_, a_, tag).error().code, Code::forbidden);
  EXPECT_TRUE(assign(head_, a_, tag));
}

TEST_F(TagsTest, ANodeHasATagOnceAndNoEtagChanges) {
  auto tag = made("plain");
  auto before = at({})->seq;
  ASSERT_TRUE(assign(caller_, a_, tag));
  EXPECT_EQ(assign(caller_, a_, tag).error().code, Code::exists);
  EXPECT_EQ(assign(caller_, NodeId{98'765}, tag).error().code, Code::not_found);
  ASSERT_TRUE(unassign_tag(*tx_, caller_, place_, a_, tag.id));
  EXPECT_EQ(unassign_tag(*tx_, caller_, place_, a_, tag.id).error().code, Code::not_found);
  EXPECT_EQ(at({})->seq, before);
  auto reader = member("reader");
  ASSERT_TRUE(give(*tx_, a_, {access::Grantee::Kind::member, reader.member.value}, access::kSee,
                   std::nullopt));
  EXPECT_EQ(assign_tag(*tx_, reader, {reader.home}, a_, tag.id).error().code, Code::forbidden);
}

TEST_F(TagsTest, ThereAreHighestNumbers) {
  for (int i = 0; i < kTagsMax; ++i) {
    auto tag = add_tag(*tx_, caller_, {.name = "t" + std::to_string(i)});
    ASSERT_TRUE(tag);
    if (i > kTagsPerNodeMax) continue;
    auto assigned = assign(caller_, a_, *tag);
    EXPECT_EQ(assigned.has_value(), i < kTagsPerNodeMax);
    if (!assigned) {
      EXPECT_EQ(assigned.error().code, Code::too_large);
    }
  }
  EXPECT_EQ(add_tag(*tx_, caller_, {.name = "more"}).error().code, Code::too_large);
}

TEST_F(TagsTest, NodesAreFoundByAllTheirTags) {
  auto one = made("one");
  auto two = made("two");
  ASSERT_TRUE(assign(caller_, a_, one));
  ASSERT_TRUE(assign(caller_, b_, one));
  ASSERT_TRUE(assign(caller_, b_, two));
  EXPECT_EQ(tagged(*tx_, caller_, place_, {one.id})->size(), 2u);
  auto both = *tagged(*tx_, caller_, place_, {one.id, two.id});
  ASSERT_EQ(both.size(), 1u);
  EXPECT_EQ(both[0].id, b_);
  EXPECT_EQ(tagged(*tx_, caller_, place_, {one.id, {99}}).error().code, Code::not_found);
  auto marc = member("marc");
  EXPECT_TRUE(tagged(*tx_, marc, *access::files_of(marc, "marc"), {one.id})->empty());
}

TEST_F(TagsTest, TagsInUseAreCountedByType) {
  auto one = made("one");
  auto two = made("two");
  made("unused");
  ASSERT_TRUE(assign(caller_, a_, one));
  ASSERT_TRUE(assign(caller_, b_, one));
  ASSERT_TRUE(assign(caller_, b_, two));
  auto all = tags_in_use(*tx_, caller_, place_, "files");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].tag.name, "one");
  EXPECT_EQ(all[0].nodes, 2);
  EXPECT_EQ(all[0].newest, b_);
  auto images = tags_in_use(*tx_, caller_, place_, "image");
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0].newest, a_);
  EXPECT_TRUE(tags_in_use(*tx_, caller_, place_, "video").empty());
}

}  // namespace
}  // namespace essaim::files
