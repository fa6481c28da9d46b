// Shuts the calling process in, for good, before it looks at a byte that somebody sent.
//
// Who starts a helper has set its limits of CPU, memory and descriptors already (platform/child).
// What is added here needs the program's own help, because its libraries are loaded first:
//
//   seccomp   a list of the system calls that decoding needs. Everything else fails with EPERM;
//             sockets, exec, ptrace and the like end the process. No new process, no memory that
//             is executable, no file opened for writing.
//   landlock  where the kernel has it: no file at all, or fonts read-only.
//
// docs/decisions/0009 says what was weighed.
#pragma once

namespace essaim::sandbox {

// Which files the process may still open, always read-only.
enum class Files {
  none,   // held by seccomp, so every kernel can
  fonts,  // fonts and their settings; held by landlock, so refused where the kernel has none
};

// Whether enter(Files::fonts) can succeed on this kernel.
bool has_landlock();

// True: the process is shut in. False: it is not, and must end without reading its input.
[[nodiscard]] bool enter(Files files);

}  // namespace essaim::sandbox
