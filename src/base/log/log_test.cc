#include "base/log/log.h"

#include <gtest/gtest.h>

namespace essaim::log {
namespace {

std::string captured(Level level, std::string_view event, Fields fields) {
  std::string line;
  set_output([&](std::string_view text) { line = text; });
  write(level, event, fields);
  set_output(nullptr);
  return line;
}

TEST(Log, ALineHasLevelEventAndFields) {
  EXPECT_EQ(captured(Level::info, "request", {{"path", "/a b"}, {"ms", 3}}),
            "level=info event=request path=\"/a b\" ms=3\n");
}

TEST(Log, AValueCannotForgeALine) {
  EXPECT_EQ(captured(Level::error, "x", {{"who", "a\nlevel=info \"q\""}}),
            "level=error event=x who=\"a?level=info \\\"q\\\"\"\n");
}

TEST(Log, LongValuesAreCut) {
  std::string line = captured(Level::info, "x", {{"v", std::string(100'000, 'a')}});
  EXPECT_LT(line.size(), 1'200u);
  EXPECT_TRUE(line.ends_with("...\"\n"));
}

TEST(Log, LowLevelsAreDropped) {
  EXPECT_EQ(captured(Level::debug, "x", {}), "");
}

}  // namespace
}  // namespace essaim::log
