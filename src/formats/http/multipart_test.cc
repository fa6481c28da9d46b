#include "formats/http/multipart.h"

#include <gtest/gtest.h>

#include <vector>

namespace essaim::http {
namespace {

class Kept : public PartTaker {
 public:
  struct Whole {
    std::string name;
    bool file = false;
    std::string bytes;
    bool operator==(const Whole&) const = default;
  };
  Result<void> begin(const Part& part) override {
    parts.push_back({part.name, part.file, ""});
    return {};
  }
  Result<void> take(std::string_view bytes) override {
    EXPECT_FALSE(bytes.empty());
    if (parts.back().bytes.size() + bytes.size() > most) return fail(Code::too_large, "");
    parts.back().bytes += bytes;
    return {};
  }
  std::vector<Whole> parts;
  std::size_t most = 1'000'000;
};

Result<void> read(std::string_view body, Kept& kept, std::size_t piece = 1'000'000) {
  Multipart form("b0", kept);
  for (std::size_t at = 0; at < body.size(); at += piece) {
    TRY_VOID(form.write(body.substr(at, piece)));
  }
  return form.finish();
}

const std::string kForm =
    "--b0\r\n"
    "Content-Disposition: form-data; name=\"action\"\r\n\r\n"
    "set\r\n"
    "--b0\r\n"
    "content-disposition: form-data; name=\"picture\"; filename=\"l\\\"\xC3\xA9t\xC3\xA9; "
    "a.jpg\"\r\n"
    "Content-Type: image/jpeg\r\n\r\n"
    "\r\n--b\r\n--b1 \r\n\r\n"
    "\r\n--b0\r\n"
    "Content-Disposition: form-data; name=empty; filename=\"\"\r\n\r\n"
    "\r\n--b0--\r\nwhatever";

TEST(Multipart, PartsComeAsTheyAreInPiecesOfAnySize) {
  const std::vector<Kept::Whole> wanted = {
      {"action", false, "set"}, {"picture", true, "\r\n--b\r\n--b1 \r\n\r\n"}, {"empty", true, ""}};
  for (std::size_t piece = 1; piece <= kForm.size(); ++piece) {
    Kept kept;
    EXPECT_TRUE(read(kForm, kept, piece)) << piece;
    EXPECT_EQ(kept.parts, wanted) << piece;
  }
}

TEST(Multipart, WhatStandsBeforeTheFirstBoundaryMeansNothing) {
  Kept kept;
  EXPECT_TRUE(read(
      "a preamble\r\n--b0\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b0--", kept));
  EXPECT_EQ(kept.parts.size(), 1U);
  EXPECT_EQ(kept.parts[0].bytes, "x");
}

TEST(Multipart, WhatIsNoFormIsRefused) {
  const std::string head = "Content-Disposition: form-data; name=a\r\n\r\n";
  for (const std::string& body :
       {std::string(), std::string("no form"), std::string("--b0"), "--b0\r\n" + head + "cut",
        "--b0\r\n" + head + "x\r\n--b0", "--b0 \r\n" + head + "x\r\n--b0--",
        std::string("--b0\r\n\r\nno head\r\n--b0--"),
        std::string("--b0\r\nContent-Type: text/plain\r\n\r\nno name\r\n--b0--"),
        std::string("--b0\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b0--"),
        std::string("--b0\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b0--"),
        std::string("--b0\r\nno colon\r\n\r\nx\r\n--b0--"),
        "--b0\r\nX: " + std::string(kPartHeadMax, 'x') + "\r\n" + head + "x\r\n--b0--",
        "--b0\r\nX: " + std::string(kPartHeadMax, 'x')}) {
    Kept kept;
    auto done = read(body, kept, 7);
    ASSERT_FALSE(done) << body;
    EXPECT_EQ(done.error().code, Code::bad_request) << body;
  }
}

TEST(Multipart, ThereIsANumberOfPartsThatIsTooMany) {
  std::string body;
  for (int i = 0; i <= kPartsMax; ++i) {
    body += "--b0\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
  }
  Kept kept;
  EXPECT_FALSE(read(body + "--b0--", kept));
}

TEST(Multipart, WhoTakesThemMayRefuse) {
  Kept kept;
  kept.most = 2;
  EXPECT_EQ(read(kForm, kept).error().code, Code::too_large);
}

TEST(Multipart, TheBoundaryIsInTheContentType) {
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=b0"), "b0");
  EXPECT_EQ(boundary_of("Multipart/Form-Data;charset=utf-8;Boundary=\"b 0'()+_,-./:=?\""),
            "b 0'()+_,-./:=?");
  for (const std::string& type :
       {std::string("multipart/form-data"), std::string("multipart/mixed; boundary=b0"),
        std::string("text/plain"), std::string(), std::string("multipart/form-data; boundary="),
        std::string("multipart/form-data; boundary=\"b0"),
        std::string("multipart/form-data; boundary=\"b0 \""),
        std::string("multipart/form-data; boundary=a*b"),
        "multipart/form-data; boundary=" + std::string(kBoundaryMax + 1, 'b')}) {
    EXPECT_FALSE(boundary_of(type)) << type;
  }
}

}  // namespace
}  // namespace essaim::http
