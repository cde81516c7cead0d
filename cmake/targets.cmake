# SPDX-License-Identifier: Apache-2.0
# The three kinds of target this project has. Names: library tessera_<room>, test <room>_test.

# tessera_library(<name> SOURCES ... [DEPS ...] [PRIVATE_DEPS ...])
function(tessera_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} tessera_sanitizers
                        PRIVATE ${ARG_PRIVATE_DEPS} tessera_warnings)
  tessera_maybe_grpc_pch(${name} ${ARG_DEPS} ${ARG_PRIVATE_DEPS})
endfunction()

# tessera_binary(<name> SOURCES ... [DEPS ...]): an executable in bin/.
function(tessera_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} tessera_warnings tessera_sanitizers)
  tessera_maybe_grpc_pch(${name} ${ARG_DEPS})
endfunction()

# tessera_test(<name> SOURCES ... [DEPS ...] [LABELS unit] [TIMEOUT seconds])
# One GoogleTest binary, one ctest entry. Default label: unit; default limit: 120 s.
function(tessera_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  tessera_binary(${name} SOURCES ${ARG_SOURCES} DEPS ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if(TESSERA_SANITIZE STREQUAL "thread")
    set_tests_properties(${name} PROPERTIES ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan_suppressions.txt")
    # ThreadSanitizer does not see the locks inside the packaged gRPC, which is not built for it:
    # whatever crosses gRPC from one thread to another would be reported.
    if("tessera_grpc" IN_LIST ARG_DEPS)
      set_tests_properties(${name} PROPERTIES DISABLED TRUE)
    endif()
  endif()
endfunction()

# Targets that speak gRPC directly share one precompiled header: its headers cost about ten
# seconds per translation unit otherwise.
function(tessera_maybe_grpc_pch name)
  if("tessera_grpc" IN_LIST ARGN)
    target_precompile_headers(${name} REUSE_FROM tessera_grpc_pch)
  endif()
endfunction()
