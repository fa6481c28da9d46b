// The second engine: the local one with a thin VFS stacked on SQLite's own and a Disk, both driven
// by one FaultPlan. It breaks the n-th operation, counts fsyncs and records what a power cut could
// lose. For tests.
#pragma once

#include <memory>

#include "platform/disk/faults.h"
#include "platform/sqlite/engine.h"

namespace essaim::sqlite {

// The plan outlives the engine, the engine outlives its databases.
std::unique_ptr<Engine> fault_engine(disk::FaultPlan& plan);

}  // namespace essaim::sqlite
