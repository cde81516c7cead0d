# SPDX-License-Identifier: Apache-2.0
# Everything comes from Debian 12, except the google/rpc protos, which are installed from PyPI
# (googleapis-common-protos) by `make setup` because Debian ships them compiled only.

find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(CURL REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(simdjson CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips-cpp)
pkg_check_modules(JPEG REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
find_package(OpenSSL REQUIRED)

file(GLOB tessera_googleapis_candidates
     ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/google/rpc/error_details.proto)
set(TESSERA_GOOGLEAPIS_DIR "" CACHE PATH "Folder that holds google/rpc/error_details.proto")
if(NOT TESSERA_GOOGLEAPIS_DIR AND tessera_googleapis_candidates)
  list(GET tessera_googleapis_candidates 0 candidate)
  cmake_path(GET candidate PARENT_PATH candidate)
  cmake_path(GET candidate PARENT_PATH candidate)
  cmake_path(GET candidate PARENT_PATH candidate)
  set(TESSERA_GOOGLEAPIS_DIR ${candidate} CACHE PATH "" FORCE)
endif()
if(NOT EXISTS ${TESSERA_GOOGLEAPIS_DIR}/google/rpc/error_details.proto)
  message(FATAL_ERROR "google/rpc/error_details.proto is missing: run `make setup` first, or point "
                      "TESSERA_GOOGLEAPIS_DIR at an installed googleapis-common-protos")
endif()
