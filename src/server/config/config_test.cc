#include "server/config/config.h"

#include <gtest/gtest.h>

#include <string>

namespace essaim::config {
namespace {

TEST(Config, what_init_writes_is_read_back_as_the_defaults) {
  auto read = parse(initial_file("example.org"));
  ASSERT_TRUE(read) << read.error().detail;
  const Config defaults;
  EXPECT_EQ(read->domain, "example.org");
  EXPECT_EQ(read->listen, defaults.listen);
  EXPECT_EQ(read->trusted_proxies, defaults.trusted_proxies);
  EXPECT_EQ(read->open_spaces_max, defaults.open_spaces_max);
}

TEST(Config, every_default_lies_within_its_limits_and_every_line_of_the_file_can_be_used) {
  std::string text = initial_file("example.org");
  std::string uncommented;
  for (std::size_t at = 0; at < text.size();) {
    auto end = text.find('\n', at);
    auto line = text.substr(at, end - at);
    at = end + 1;
    bool setting = line.starts_with("# ") && line.find(" = ") != std::string::npos;
    uncommented += (setting ? line.substr(2) : line) + "\n";
  }
  auto read = parse(uncommented);
  ASSERT_TRUE(read) << read.error().detail;
  for (const auto& setting : settings()) {
    EXPECT_NE(uncommented.find("\n" + std::string(setting.name) + " = "), std::string::npos);
  }
}

TEST(Config, settings_are_read) {
  auto read = parse(
      "domain = example.org # ours\r\n\nlisten = [::1]:80 , 0.0.0.0:81\ntrusted_proxies =\n"
      "open_spaces_max=100\ndefault_space = voile");
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->domain, "example.org");
  EXPECT_EQ(read->listen, (std::vector<std::string>{"[::1]:80", "0.0.0.0:81"}));
  EXPECT_TRUE(read->trusted_proxies.empty());
  EXPECT_EQ(read->open_spaces_max, 100);
  EXPECT_EQ(read->default_space, "voile");
}

TEST(Config, a_mistake_is_told_with_its_line) {
  auto refused = [](const std::string& text) {
    auto read = parse(text);
    return read ? std::string("accepted") : read.error().detail;
  };
  EXPECT_EQ(refused(""), "essaim.conf does not name a domain");
  EXPECT_EQ(refused("domain = a.org\nlissen = 1"),
            "essaim.conf, line 2: there is no setting 'lissen'");
  EXPECT_EQ(refused("domain = a.org\ndomain = b.org"), "essaim.conf, line 2: domain is set twice");
  EXPECT_EQ(refused("domain"), "essaim.conf, line 1: not `name = value`");
  for (const char* bad : {"0", "-1", "65", "many", "", "99999999999999999999", "4 threads"}) {
    EXPECT_EQ(refused(std::string("domain = a.org\nlane_workers = ") + bad),
              "essaim.conf, line 2: lane_workers is a number of threads from 1 to 64")
        << bad;
  }
}

TEST(Config, a_missing_file_is_not_found) {
  auto read = load(testing::TempDir() + "no-such-folder");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::not_found);
}

}  // namespace
}  // namespace essaim::config
