#include "protocols/dav/multistatus.h"

#include <gtest/gtest.h>

#include "protocols/dav/errors.h"

namespace essaim::dav {
namespace {

Listing listing_of(std::string_view body) {
  Listing listing;
  listing.wanted = parse_propfind(body).value();
  listing.base = "/remote.php/dav/files/lea";
  listing.sources.facts.epoch = "0a1b2c3d";
  listing.sources.facts.instance_id = "ocabcdefghij";
  files::Node folder;
  folder.id = {42};
  folder.kind = files::Kind::folder;
  folder.seq = 7;
  folder.standing.rights = access::kManage;
  listing.entries.push_back({"", folder});
  return listing;
}

std::string body_of(http::Response response) {
  if (auto* text = std::get_if<std::string>(&response.body)) return *text;
  auto& source = std::get<std::unique_ptr<http::Source>>(response.body);
  std::string out;
  while (true) {
    std::string piece = source->next().value();
    if (piece.empty()) return out;
    out += piece;
  }
}

TEST(Multistatus, TheFoundBlockComesFirstAndTheMissingOneAfter) {
  auto body = body_of(multistatus(listing_of(
      R"(<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:z="urn:z"><d:prop>)"
      R"(<z:unknown/><d:getetag/><oc:id/><oc:permissions/></d:prop></d:propfind>)")));
  EXPECT_NE(body.find("<d:getetag>&quot;0a1b2c3d-7&quot;</d:getetag><oc:id>00000042ocabcdefghij"
                      "</oc:id><oc:permissions>RGDNVCK</oc:permissions></d:prop><d:status>HTTP/1.1 "
                      "200 OK</d:status></d:propstat><d:propstat><d:prop><x1:unknown "
                      "xmlns:x1=\"urn:z\"/></d:prop><d:status>HTTP/1.1 404 Not Found"),
            std::string::npos)
      << body;
}

TEST(Multistatus, WithNothingFoundThereIsOnlyTheMissingBlock) {
  auto body = body_of(multistatus(
      listing_of(R"(<d:propfind xmlns:d="DAV:"><d:prop><d:nope/></d:prop></d:propfind>)")));
  EXPECT_EQ(body.find("200 OK"), std::string::npos);
  EXPECT_NE(body.find("<d:propstat><d:prop><d:nope/>"), std::string::npos);
}

TEST(Multistatus, ALargeListingIsTheSameInPieces) {
  auto listing = listing_of("");
  for (int i = 0; i < 2'000; ++i) {
    files::Node node;
    node.id = {100 + i};
    node.name = "a&b " + std::to_string(i);
    listing.entries.push_back({node.name, node});
  }
  std::string expected(kMultistatusOpen);
  for (const auto& entry : listing.entries) append_response(expected, listing, entry);
  expected += kMultistatusClose;
  auto response = multistatus(std::move(listing));
  EXPECT_TRUE(std::holds_alternative<std::unique_ptr<http::Source>>(response.body));
  auto body = body_of(std::move(response));
  EXPECT_EQ(body, expected);
  EXPECT_NE(body.find("<d:href>/remote.php/dav/files/lea/a&amp;b%207</d:href>"), std::string::npos);
}

TEST(Propfind, WhatItCannotMeanIsRefused) {
  EXPECT_EQ(parse_propfind("<d:propfind xmlns:d=\"DAV:\"/>").error().code, Code::bad_request);
  EXPECT_EQ(parse_propfind("<d:other xmlns:d=\"DAV:\"/>").error().code, Code::bad_request);
  EXPECT_EQ(parse_propfind("not xml").error().code, Code::bad_request);
  std::string many = "<d:propfind xmlns:d=\"DAV:\"><d:prop>";
  for (int i = 0; i < 300; ++i) many += "<d:p" + std::to_string(i) + "/>";
  EXPECT_EQ(parse_propfind(many + "</d:prop></d:propfind>").error().code, Code::too_large);
}

TEST(Errors, EveryCodeHasAnAnswerAndNoDetailLeaves) {
  for (int code = 0; code <= static_cast<int>(Code::internal); ++code) {
    auto response =
        error_response({static_cast<Code>(code), "SELECT secret"}, call::Language::french);
    EXPECT_GE(response.status, 400);
    if (static_cast<Code>(code) == Code::invalid_name) continue;
    EXPECT_EQ(std::get<std::string>(response.body).find("secret"), std::string::npos);
  }
}

TEST(Etag, after_a_restore_folders_take_the_new_epoch_and_files_keep_theirs) {
  store::SpaceFacts facts;
  facts.epoch = "00000002";
  facts.eras = {{"00000001", 50}};
  files::Node node;
  node.seq = 50;
  EXPECT_EQ(quoted_etag(facts, node), "\"00000001-50\"");
  node.kind = files::Kind::folder;
  EXPECT_EQ(quoted_etag(facts, node), "\"00000002-50\"");
  node.kind = files::Kind::file;
  node.seq = 51;
  EXPECT_EQ(quoted_etag(facts, node), "\"00000002-51\"");
}

}  // namespace
}  // namespace essaim::dav
