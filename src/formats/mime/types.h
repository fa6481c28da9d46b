// Content types by file name: what a file is said to be, without looking inside it.
#pragma once

#include <string_view>

namespace essaim::mime {

// "text/plain" for "notes.txt"; "application/octet-stream" when the extension is unknown. Without
// case.
std::string_view type_of(std::string_view file_name);

}  // namespace essaim::mime
