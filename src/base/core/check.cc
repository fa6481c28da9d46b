#include "base/core/check.h"

#include <string>

namespace essaim {

void check_failed(const char* condition, const char* file, int line) {
  throw CheckFailure(std::string("CHECK failed: ") + condition + " at " + file + ":" +
                     std::to_string(line));
}

}  // namespace essaim
