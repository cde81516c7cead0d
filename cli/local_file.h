// SPDX-License-Identifier: Apache-2.0
//
// Reading and writing the files that a command line names.
#ifndef TESSERA_CLI_LOCAL_FILE_H_
#define TESSERA_CLI_LOCAL_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tessera::cli {

// No server takes a larger picture, however it is configured.
inline constexpr size_t kMaxPictureBytes = size_t{60} << 20;
// Servers take pictures up to this size unless they are configured otherwise.
inline constexpr size_t kUsualPictureBytes = size_t{32} << 20;

// The whole file at `path`, or standard input for "-". Errors: FILE_NOT_FOUND, FILE_IS_DIRECTORY,
// FILE_UNREADABLE, and FILE_TOO_LARGE beyond `max_bytes`, of which no more is read.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

// Replaces the file at `path`. FILE_IS_DIRECTORY, FILE_NOT_FOUND (its folder), FILE_UNWRITABLE.
absl::Status WriteFile(const std::string& path, std::string_view content);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_LOCAL_FILE_H_
