// For tests: the same suite over every engine.
//   INSTANTIATE_TEST_SUITE_P(engines, MyTest, ::testing::ValuesIn(sqlite::kEngineKinds),
//   sqlite::kind_name);
#pragma once

#include <array>
#include <memory>

#include "platform/disk/faults.h"
#include "platform/disk/testing.h"
#include "platform/sqlite/engine.h"
#include "platform/sqlite/faults.h"

namespace essaim::sqlite {

enum class EngineKind : std::uint8_t { local, faults };
inline constexpr std::array kEngineKinds = {EngineKind::local, EngineKind::faults};

inline std::unique_ptr<Engine> make_engine(EngineKind kind, disk::FaultPlan& plan) {
  return kind == EngineKind::local ? local_engine() : fault_engine(plan);
}

inline constexpr auto kind_name = [](const auto& info) {
  return info.param == EngineKind::local ? "local" : "faults";
};

}  // namespace essaim::sqlite
