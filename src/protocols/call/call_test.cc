#include "protocols/call/call.h"

#include <gtest/gtest.h>

namespace essaim::call {
namespace {

Language of(std::string_view value) {
  http::Headers headers;
  headers.set("Accept-Language", value);
  return language_of(headers);
}

TEST(Language, FrenchUnlessEnglishWeighsMore) {
  EXPECT_EQ(language_of({}), Language::french);
  EXPECT_EQ(of("fr-FR,en;q=0.8"), Language::french);
  EXPECT_EQ(of("en-GB,fr;q=0.5"), Language::english);
  EXPECT_EQ(of("de, en;q=0.9, fr;q=0.91"), Language::french);
  EXPECT_EQ(of("de"), Language::french);
  EXPECT_EQ(of("en;q=abc"), Language::french);
  EXPECT_EQ(of(std::string(100'000, ',')), Language::french);
}

TEST(Answer, ARefusalKeepsNothing) {
  http::Response response;
  response.status = 412;
  EXPECT_EQ(Answer(std::move(response)).keep, Keep::no);
  http::Response created;
  created.status = 201;
  EXPECT_EQ(Answer(std::move(created)).keep, Keep::yes);
}

}  // namespace
}  // namespace essaim::call
