// What a thread tells the kernel about itself.
#pragma once

#include <string_view>

namespace essaim::loop {

// Shown by ps and top; the kernel keeps 15 bytes.
void name_this_thread(std::string_view name);

// From now on the calling thread runs behind all others of the machine: it is weighed a tenth of
// them, and whoever wakes takes its processor at once. It takes what nobody else wants, so nothing
// is lost while there is room. Not to be undone without privileges; needs none. A kernel that
// refuses, or is too old for part of it (slices: Linux 6.12), leaves the thread as it was in that.
//
// Such a thread may be held up while it has a lock, by about 15 ms on a machine that is wholly
// busy: let it hold none for long that others wait for.
void give_way_to_others();

}  // namespace essaim::loop
