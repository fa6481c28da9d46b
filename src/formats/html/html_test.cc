#include "formats/html/html.h"

#include <gtest/gtest.h>

#include "base/core/check.h"

namespace essaim::html {
namespace {

std::string filled(std::string_view page, const Values& values = {}) {
  return fill(page, values).text();
}

TEST(Html, EveryTextIsEscaped) {
  Values values;
  values.text("name", "<script>\"a\" & 'b'</script>\x01");
  EXPECT_EQ(filled("<p title=\"{{name}}\">", values),
            "<p title=\"&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;\">");
}

TEST(Html, AValueIsNeverReadAsAPage) {
  Values values;
  values.text("a", "{{b}}").text("b", "secret");
  EXPECT_EQ(filled("{{a}}", values), "{{b}}");
}

TEST(Html, WhatWasFilledGoesInAsItIs) {
  Values inner;
  inner.text("x", "<");
  Values outer;
  outer.html("content", fill("<b>{{x}}</b>", inner));
  EXPECT_EQ(filled("[{{content}}]", outer), "[<b>&lt;</b>]");
}

TEST(Html, ASectionFollowsItsValue) {
  Values values;
  values.flag("yes", true).flag("no", false).text("empty", "").text("full", "x");
  EXPECT_EQ(filled("{{#yes}}a{{/yes}}{{#no}}b{{/no}}{{^no}}c{{/no}}", values), "ac");
  EXPECT_EQ(filled("{{#full}}a{{full}}{{/full}}{{#empty}}b{{/empty}}{{! why }}", values), "ax");
}

TEST(Html, AListRepeatsAndLooksOutside) {
  std::vector<Values> items(2);
  items[0].text("name", "a");
  items[1].text("name", "b");
  Values values;
  values.list("items", items).list("none", {}).text("mark", "!");
  EXPECT_EQ(filled("{{#items}}{{name}}{{mark}}{{/items}}{{^none}}nothing{{/none}}", values),
            "a!b!nothing");
  EXPECT_EQ(filled("{{#items}}{{#items}}.{{/items}}{{/items}}", values), "....");
}

TEST(Html, AMistakeInAPageIsFound) {
  Values values;
  values.flag("a", true).flag("b", true);
  EXPECT_THROW(filled("{{missing}}"), CheckFailure);
  EXPECT_THROW(filled("{{#missing}}{{/missing}}"), CheckFailure);
  EXPECT_THROW(filled("{{a", values), CheckFailure);
  EXPECT_THROW(filled("{{}}", values), CheckFailure);
  EXPECT_THROW(filled("{{#a}}", values), CheckFailure);
  EXPECT_THROW(filled("{{/a}}", values), CheckFailure);
  EXPECT_THROW(filled("{{#a}}{{#b}}{{/a}}{{/b}}", values), CheckFailure);
  EXPECT_THROW(filled("{{a}}", values), CheckFailure) << "a flag is no text";
}

TEST(Html, ListsInsideOneAnotherAreLimited) {
  Values values;
  values.list("x", std::vector<Values>(1));
  std::string page;
  for (int i = 0; i < kListsMax; ++i) page += "{{#x}}";
  for (int i = 0; i < kListsMax; ++i) page += "{{/x}}";
  EXPECT_THROW(filled(page, values), CheckFailure);
}

}  // namespace
}  // namespace essaim::html
