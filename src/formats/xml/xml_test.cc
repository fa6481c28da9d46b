#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "formats/xml/reader.h"
#include "formats/xml/writer.h"

namespace essaim::xml {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

TEST(XmlReader, NamespacesAreResolvedWhateverThePrefix) {
  auto root = read(
      R"(<a:propfind xmlns:a="DAV:"><prop xmlns="DAV:"><x:id xmlns:x="oc"/></prop></a:propfind>)");
  ASSERT_TRUE(root);
  EXPECT_TRUE(root->is("DAV:", "propfind"));
  const Element* prop = root->child("DAV:", "prop");
  ASSERT_NE(prop, nullptr);
  EXPECT_NE(prop->child("oc", "id"), nullptr);
  EXPECT_EQ(prop->child("DAV:", "id"), nullptr);
}

TEST(XmlReader, HostileDocumentsAreRefused) {
  EXPECT_EQ(read("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>").error().code, Code::bad_request);
  EXPECT_EQ(read("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>").error().code, Code::bad_request);
  EXPECT_EQ(read("<a>").error().code, Code::bad_request);
  EXPECT_EQ(read("").error().code, Code::bad_request);
  EXPECT_EQ(read("<a/><b/>").error().code, Code::bad_request);
  EXPECT_EQ(read("<x:a/>").error().code, Code::bad_request);
  EXPECT_EQ(read(std::string(70'000, ' ')).error().code, Code::too_large);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_EQ(read(deep, {.size_max = kMiB}).error().detail, "nested too deeply");
  std::string wide = "<a>";
  for (int i = 0; i < 20'000; ++i) wide += "<b/>";
  EXPECT_EQ(read(wide, {.size_max = kMiB}).error().detail, "too many elements");
}

TEST(XmlReader, InnerXmlMeansTheSameElsewhere) {
  auto root =
      read(R"(<p:x xmlns:p="ns1" xmlns:q="ns2">a &amp; b<q:y q:k="1&lt;"><z/></q:y></p:x>)");
  ASSERT_TRUE(root);
  auto again = read("<outer xmlns=\"other\">" + inner_xml(*root) + "</outer>");
  ASSERT_TRUE(again);
  ASSERT_EQ(again->content.size(), 2u);
  EXPECT_EQ(again->content[0].text, "a & b");
  EXPECT_TRUE(again->content[1].is("ns2", "y"));
  EXPECT_EQ(again->content[1].attributes.at(0).ns, "ns2");
  EXPECT_EQ(again->content[1].attributes.at(0).value, "1<");
  EXPECT_TRUE(again->content[1].content.at(0).is("", "z"));
}

TEST(XmlWriter, ForbiddenCharactersAreDropped) {
  EXPECT_EQ(escaped("a\x01<b>&\"\t\xC3\xA9"), "a&lt;b&gt;&amp;&quot;\t\xC3\xA9");
  EXPECT_EQ(escaped("x\xEF\xBF\xBFy\xEF\xBF\xBD"), "xy\xEF\xBF\xBD");
}

TEST(XmlWriter, WhatIsWrittenReadsBack) {
  EXPECT_TRUE(rc::check("printable text comes back", [](const std::vector<char>& letters) {
    std::string text;
    for (char c : letters)
      text.push_back(static_cast<char>(0x20 + (static_cast<unsigned char>(c) % 0x5f)));
    auto root = read("<a>" + escaped(text) + "</a>");
    RC_ASSERT(root.has_value());
    RC_ASSERT(root->all_text() == text);
  }));
}

}  // namespace
}  // namespace essaim::xml
