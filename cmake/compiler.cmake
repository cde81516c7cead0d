# SPDX-License-Identifier: Apache-2.0
# Warnings, sanitizers and the compiler cache. Everything of ours links tessera_warnings and
# tessera_sanitizers privately; generated code takes only the sanitizers.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers are only cacheable when the compiler leaves time stamps out of them.
  set(ccache_command ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${ccache_command})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_command})
endif()

add_library(tessera_warnings INTERFACE)
target_compile_options(tessera_warnings INTERFACE -Wall -Wextra -Wnon-virtual-dtor
                       -Woverloaded-virtual -Wshadow -Wno-missing-field-initializers)

set(TESSERA_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
add_library(tessera_sanitizers INTERFACE)
if(TESSERA_SANITIZE)
  target_compile_options(tessera_sanitizers INTERFACE -fsanitize=${TESSERA_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(tessera_sanitizers INTERFACE -fsanitize=${TESSERA_SANITIZE})
endif()

option(TESSERA_FUZZ "Build the fuzzers; needs clang" OFF)
if(TESSERA_FUZZ)
  target_compile_options(tessera_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()
