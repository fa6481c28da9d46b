#include <sys/stat.h>

#include "base/secrets/secrets.h"
#include "server/main/cli.h"

int main(int argc, char** argv) {
  // What is written here is nobody else's: people's files, passwords' hashes, keys.
  ::umask(077);
  essaim::secrets::initialize();
  return essaim::main::run(argc, argv);
}
