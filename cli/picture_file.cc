// SPDX-License-Identifier: Apache-2.0
#include "cli/picture_file.h"

#include <fmt/format.h>

#include <utility>

#include "cli/local_file.h"
#include "cli/quantities.h"
#include "common/status/status_macros.h"

namespace tessera::cli {

absl::StatusOr<PictureFile> ReadPicture(Session& session, const std::string& path) {
  TESSERA_ASSIGN_OR_RETURN(std::string content, ReadFile(path, kMaxPictureBytes));
  if (content.size() > kUsualPictureBytes) {
    session.Warn(fmt::format("{} has {}; servers take {} unless they are configured otherwise",
                             path, SizeText(content.size()), SizeText(kUsualPictureBytes)));
  }
  return PictureFile{.name = path, .content = std::move(content)};
}

absl::StatusOr<std::vector<PictureFile>> ReadPictures(Session& session,
                                                      const std::vector<std::string>& paths) {
  std::vector<PictureFile> pictures;
  for (const std::string& path : paths) {
    TESSERA_ASSIGN_OR_RETURN(PictureFile picture, ReadPicture(session, path));
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

}  // namespace tessera::cli
