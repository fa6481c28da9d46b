# Warnings, sanitizers and the linker, carried by one interface target that every program uses.
add_library(essaim_flags INTERFACE)
target_compile_options(essaim_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wconversion
                       -Wno-sign-conversion -Wno-missing-field-initializers -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives of these in optimised std::string code.
  target_compile_options(essaim_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized
                         -Wno-stringop-overflow -Wno-array-bounds -Wno-dangling-pointer)
endif()
# What makes an overflow hard to use: canaries, checked copies, tables that cannot be written to, a
# place in memory that nobody knows beforehand. tests/operate/exposure_test.py looks for them.
if(NOT ESSAIM_FUZZ AND NOT ESSAIM_SANITIZE)
  target_compile_options(essaim_flags INTERFACE
                         $<$<CONFIG:Release>:-fstack-protector-strong;-fstack-clash-protection;-D_FORTIFY_SOURCE=2>)
  target_link_options(essaim_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
find_program(ESSAIM_MOLD mold)
if(ESSAIM_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_link_options(essaim_flags INTERFACE -fuse-ld=mold)
endif()
if(ESSAIM_SANITIZE)
  add_compile_options(-fsanitize=${ESSAIM_SANITIZE} -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${ESSAIM_SANITIZE})
  if(ESSAIM_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(ESSAIM_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -O1
                      -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
  # clang 14 cannot place this check's data before a coroutine.
  add_compile_options(-fno-sanitize=function)
endif()
