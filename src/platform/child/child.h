// Starts a helper in its sandbox, with limits of time and memory, and reads its answer.
//
// A helper is a program of our own that parses bytes of strangers. It gets one file as descriptor
// 0, answers on descriptor 1, sees no other descriptor, no environment, and /dev/null as
// descriptor 2. Set from outside, before its first instruction:
//
//   limits      CPU, private memory, files (none may be written), descriptors, no core dump
//   privileges  no new ones; where the kernel allows it, a user, network and IPC namespace of its
//               own, in which it is nobody
//   process     a group of its own; ended with the server, should that be killed
//
// Which system calls it may make is set by the helper itself (helpers/sandbox), once its libraries
// are loaded. The start shares the server's memory until exec, so that it costs the same whatever
// the server's size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/error.h"
#include "base/core/fd.h"
#include "base/core/types.h"
#include "base/time/clock.h"

namespace essaim::child {

struct Limits {
  Duration cpu{10'000};
  Duration wall{20'000};              // from start to end
  ByteCount memory_max = 768 * kMiB;  // private and writable (RLIMIT_DATA)
  ByteCount output_max = 32 * kMiB;   // bytes of its answer
  int descriptors_max = 32;
};

struct Command {
  std::string program;  // absolute path
  std::vector<std::string> arguments;
};

enum class Fate : std::uint8_t {
  ended,      // by itself, with an exit code
  killed,     // by a signal: a crash, a limit, a forbidden system call
  timed_out,  // by us, when its wall clock had run down
  flooded,    // by us, because it wrote more than output_max
  cancelled,  // by us, because the caller said so
};

struct Outcome {
  Fate fate = Fate::ended;
  int exit_code = 0;      // when ended
  int signal = 0;         // when killed
  std::string output;     // when ended
  bool isolated = false;  // it had namespaces of its own
};

// Runs a helper to its end and waits for it: not for a loop, not for a lane. `input` is read by the
// helper from where its offset stands. `cancel` is a descriptor that becomes readable when the
// helper is to be ended at once; -1: none. Whatever the outcome, no process is left behind.
// Errors: not_found (no such program), io, too_many (no more processes).
// Cost: about 1 ms besides the helper's own.
Result<Outcome> run(const Command& command, const UniqueFd& input, const Limits& limits,
                    int cancel = -1);

// A readable descriptor of bytes that are in no file, for `input`. Errors: io.
Result<UniqueFd> in_memory(std::string_view bytes);

}  // namespace essaim::child
