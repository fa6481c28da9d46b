# A module is one folder, one target, one namespace, one name. This file turns a folder under src/
# into a target and refuses an arrow that points up, sideways without being declared, or to a
# module that is not declared yet (so a cycle cannot be written).
#
#   essaim_module(<layer> <name> [DEPENDS <module>...] [LIBS <outside library>...]
#                 [TEST_DEPENDS <module>...])
#
# TEST_DEPENDS are for its tests and benches alone; the same fences hold for them.
#
# The folder is src/<layer>/<name>; every .cc in it belongs to the module, except *_test.cc,
# *_bench.cc and *_fuzz.cc, which become programs of their own, and main.cc, which becomes the program.

set(ESSAIM_LAYERS base formats platform space features protocols server)

# What each layer may use, whole layers or single modules (written layer/module).
set(ESSAIM_MAY_base base)
set(ESSAIM_MAY_formats formats base)
set(ESSAIM_MAY_platform platform formats base)
set(ESSAIM_MAY_space space platform/sqlite platform/disk formats base)
set(ESSAIM_MAY_features features space platform/sqlite formats base)
set(ESSAIM_MAY_protocols protocols features space/store space/blobs formats base)
set(ESSAIM_MAY_server ${ESSAIM_LAYERS})
# The lane wakes loops and sleeps on timers: the only module of its layer that may.
set(ESSAIM_MAY_EXTRA_lane platform/loop)
# The fleet creates, moves, exports and deletes whole directories.
set(ESSAIM_MAY_EXTRA_fleet platform/disk)

define_property(GLOBAL PROPERTY ESSAIM_MODULES BRIEF_DOCS "modules declared so far" FULL_DOCS "in order")

function(essaim_check_arrow layer name depend)
  get_property(declared GLOBAL PROPERTY ESSAIM_MODULES)
  if(NOT depend IN_LIST declared)
    message(FATAL_ERROR "fence: ${layer}/${name} depends on '${depend}', which is not declared before it. "
                        "Arrows point down, or to an earlier line of CMakeLists.txt.")
  endif()
  get_property(depend_layer GLOBAL PROPERTY ESSAIM_LAYER_OF_${depend})
  set(allowed ${ESSAIM_MAY_${layer}} ${ESSAIM_MAY_EXTRA_${name}})
  if(NOT depend_layer IN_LIST allowed AND NOT "${depend_layer}/${depend}" IN_LIST allowed)
    message(FATAL_ERROR "fence: ${layer}/${name} may not use ${depend_layer}/${depend}. "
                        "Layer '${layer}' may use: ${allowed}.")
  endif()
endfunction()

# Each file of a module's pages/ becomes the text of a constant in the program, named after the file:
# pages/log_in.html is `log_in` of the module's internal/pages.h, which declares them all.
function(essaim_pages layer name folder made)
  file(GLOB pages CONFIGURE_DEPENDS "${folder}/pages/*")
  set(${made} "" PARENT_SCOPE)
  if(NOT pages)
    return()
  endif()
  set(code "#include \"${layer}/${name}/internal/pages.h\"\n\nnamespace essaim::${name}::pages {\n")
  foreach(page IN LISTS pages)
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${page}")
    cmake_path(GET page STEM stem)
    file(READ "${page}" text)
    string(APPEND code "constinit const std::string_view ${stem} = R\"page(${text})page\";\n")
  endforeach()
  string(APPEND code "}\n")
  set(file "${PROJECT_BINARY_DIR}/pages/${name}_pages.cc")
  set(before "")
  if(EXISTS "${file}")
    file(READ "${file}" before)
  endif()
  # An unchanged file keeps its time, so nothing is compiled again.
  if(NOT before STREQUAL code)
    file(WRITE "${file}" "${code}")
  endif()
  set(${made} "${file}" PARENT_SCOPE)
endfunction()

function(essaim_module layer name)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "DEPENDS;LIBS;TEST_DEPENDS")
  if(NOT layer IN_LIST ESSAIM_LAYERS)
    message(FATAL_ERROR "fence: '${layer}' is not a layer (${ESSAIM_LAYERS}).")
  endif()
  set(folder "${PROJECT_SOURCE_DIR}/src/${layer}/${name}")
  if(NOT IS_DIRECTORY "${folder}")
    message(FATAL_ERROR "fence: ${layer}/${name} is declared but its folder does not exist.")
  endif()
  foreach(depend IN LISTS arg_DEPENDS arg_TEST_DEPENDS)
    essaim_check_arrow(${layer} ${name} ${depend})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY ESSAIM_MODULES ${name})
  set_property(GLOBAL PROPERTY ESSAIM_LAYER_OF_${name} ${layer})
  set_property(GLOBAL PROPERTY ESSAIM_LIBS_OF_${name} ${arg_LIBS})

  # The exported include directory holds only a link to the module itself, so that including a
  # module one did not link does not compile.
  set(include "${PROJECT_BINARY_DIR}/include/${name}")
  file(MAKE_DIRECTORY "${include}/${layer}")
  if(NOT EXISTS "${include}/${layer}/${name}")
    file(CREATE_LINK "${folder}" "${include}/${layer}/${name}" SYMBOLIC)
  endif()

  file(GLOB_RECURSE all CONFIGURE_DEPENDS "${folder}/*.cc")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cc$|/main\\.cc$")
  file(GLOB headers CONFIGURE_DEPENDS "${folder}/*.h")

  essaim_pages(${layer} ${name} "${folder}" made)
  list(APPEND sources ${made})

  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC "${include}")
    target_link_libraries(${name} PUBLIC ${arg_DEPENDS} ${arg_LIBS} PRIVATE essaim_flags)
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE "${include}")
    target_link_libraries(${name} INTERFACE ${arg_DEPENDS} ${arg_LIBS})
  endif()

  # Every public header compiles alone.
  if(headers AND NOT ESSAIM_FUZZ)
    set(alone)
    foreach(header IN LISTS headers)
      cmake_path(RELATIVE_PATH header BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/src" OUTPUT_VARIABLE path)
      set(check "${PROJECT_BINARY_DIR}/headers/${path}.cc")
      if(NOT EXISTS "${check}")
        file(WRITE "${check}" "#include \"${path}\"\n")
      endif()
      list(APPEND alone "${check}")
    endforeach()
    add_library(${name}_headers OBJECT EXCLUDE_FROM_ALL ${alone})
    target_link_libraries(${name}_headers PRIVATE ${name} essaim_flags)
    # Only whether they compile is asked, so as cheaply as can be.
    target_compile_options(${name}_headers PRIVATE -O0 -g0 -fno-sanitize=all)
    # Nothing of it runs: only the diagnostics count.
    target_compile_options(${name}_headers PRIVATE -O0 -g0 -fno-sanitize=all)
    set_property(GLOBAL APPEND PROPERTY ESSAIM_HEADER_CHECKS ${name}_headers)
  endif()

  if(tests AND ESSAIM_TESTS AND NOT ESSAIM_FUZZ)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${arg_TEST_DEPENDS} essaim_flags GTest::gmock GTest::gtest_main ${ESSAIM_RAPIDCHECK})
    add_test(NAME ${name} COMMAND ${name}_test)
    set_property(GLOBAL APPEND PROPERTY ESSAIM_UNIT_TESTS ${name}_test)
  endif()

  if(ESSAIM_BENCHES)
    foreach(bench IN LISTS benches)
      cmake_path(GET bench STEM stem)
      add_executable(${name}_${stem} ${bench})
      target_link_libraries(${name}_${stem} PRIVATE ${name} ${arg_TEST_DEPENDS} essaim_flags)
      set_property(GLOBAL APPEND PROPERTY ESSAIM_BENCH_PROGRAMS ${name}_${stem})
    endforeach()
  endif()

  if(ESSAIM_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      cmake_path(GET fuzzer STEM stem)
      add_executable(${name}_${stem} ${fuzzer})
      target_link_libraries(${name}_${stem} PRIVATE ${name} essaim_flags)
      target_link_options(${name}_${stem} PRIVATE -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY ESSAIM_FUZZERS ${name}_${stem})
    endforeach()
  endif()
endfunction()

# LIBS are for outside libraries: a module there would be an arrow that nobody checks.
function(essaim_check_libs)
  get_property(modules GLOBAL PROPERTY ESSAIM_MODULES)
  foreach(name IN LISTS modules)
    get_property(libs GLOBAL PROPERTY ESSAIM_LIBS_OF_${name})
    get_property(layer GLOBAL PROPERTY ESSAIM_LAYER_OF_${name})
    foreach(lib IN LISTS libs)
      if(lib IN_LIST modules)
        message(FATAL_ERROR "fence: ${layer}/${name} names the module '${lib}' under LIBS. "
                            "Modules go under DEPENDS.")
      endif()
    endforeach()
  endforeach()
endfunction()

# Targets over all modules: `headers`, `unit_tests`, `benches`, `fuzzers`; and for each a file
# <target>.list in the build folder with the names, so that scripts need not guess.
function(essaim_collect)
  essaim_check_libs()
  foreach(pair "headers;ESSAIM_HEADER_CHECKS" "unit_tests;ESSAIM_UNIT_TESTS" "benches;ESSAIM_BENCH_PROGRAMS"
               "fuzzers;ESSAIM_FUZZERS")
    list(GET pair 0 target)
    list(GET pair 1 property)
    get_property(members GLOBAL PROPERTY ${property})
    list(JOIN members "\n" lines)
    file(WRITE "${PROJECT_BINARY_DIR}/${target}.list" "${lines}\n")
    add_custom_target(${target})
    if(members)
      add_dependencies(${target} ${members})
    endif()
  endforeach()
endfunction()
