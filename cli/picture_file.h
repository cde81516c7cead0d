// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_PICTURE_FILE_H_
#define TESSERA_CLI_PICTURE_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/session.h"

namespace tessera::cli {

// A picture file as it is sent.
struct PictureFile {
  std::string name;  // As on the command line.
  std::string content;
};

// Reads one ("-" is standard input); warns of a size that most servers refuse. Errors as ReadFile.
absl::StatusOr<PictureFile> ReadPicture(Session& session, const std::string& path);

// Reads all, or fails with the first error.
absl::StatusOr<std::vector<PictureFile>> ReadPictures(Session& session,
                                                      const std::vector<std::string>& paths);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_PICTURE_FILE_H_
