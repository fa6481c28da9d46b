#include "server/previewer/internal/helper.h"

#include <algorithm>

namespace essaim::previewer::internal {

bool has_drawn(const Result<child::Outcome>& outcome) {
  if (!outcome || outcome->fate != child::Fate::ended || outcome->exit_code != kDone) return false;
  std::string_view bytes = outcome->output;
  return bytes.starts_with("\xFF\xD8\xFF") || bytes.starts_with("\x89PNG\r\n\x1A\n");
}

std::string_view fate_word(const Result<child::Outcome>& outcome) {
  if (!outcome) return "not_started";
  if (has_drawn(outcome)) return "made";
  switch (outcome->fate) {
    case child::Fate::ended:
      return outcome->exit_code == kDone ? "garbage" : "refused";
    case child::Fate::killed:
      return "killed";
    case child::Fate::timed_out:
      return "timed_out";
    case child::Fate::flooded:
      return "flooded";
    case child::Fate::cancelled:
      return "cancelled";
  }
  return "ended";
}

int detail_of(const Result<child::Outcome>& outcome) {
  return outcome ? std::max(outcome->exit_code, outcome->signal) : 0;
}

}  // namespace essaim::previewer::internal
