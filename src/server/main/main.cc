#include "server/main/cli.h"

int main(int argc, char** argv) {
  return essaim::main::run(argc, argv);
}
