#include "formats/http/content_disposition.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

namespace essaim::http {
namespace {

TEST(ContentDisposition, names_the_file_twice) {
  EXPECT_EQ(content_disposition("plan.pdf"),
            "attachment; filename*=UTF-8''plan.pdf; filename=\"plan.pdf\"");
  EXPECT_EQ(content_disposition("r\u00e9sum\u00e9 \"1\".pdf"),
            "attachment; filename*=UTF-8''r%C3%A9sum%C3%A9%20%221%22.pdf; "
            "filename=\"r_sum_ _1_.pdf\"");
}

TEST(ContentDisposition, no_byte_can_break_out_of_the_header) {
  EXPECT_EQ(content_disposition("a\r\nb"),
            "attachment; filename*=UTF-8''a%0D%0Ab; filename=\"a__b\"");
  EXPECT_TRUE(rc::check([](const std::string& name) {
    std::string header = content_disposition(name);
    for (char c : header) RC_ASSERT(c >= 0x20 && c < 0x7F);
    RC_ASSERT(std::count(header.begin(), header.end(), '"') == 2);
    RC_ASSERT(header.find('\\') == std::string::npos);
  }));
}

}  // namespace
}  // namespace essaim::http
