// The command line. It is a contract: names, options and exit codes stay.
#pragma once

namespace essaim::main {

enum Exit : int {
  kDone = 0,
  kRefused = 1,   // one line on stderr says why
  kWrongUse = 2,  // the command line itself is wrong
};

int run(int argc, char** argv);

}  // namespace essaim::main
