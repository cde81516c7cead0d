// SPDX-License-Identifier: Apache-2.0
//
// A request parted in two: what goes on to tessera-inference, and the picture files that stay.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_FILES_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_FILES_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::preprocess {

// A picture file of a request. `content` points into the request.
struct PictureFile {
  int index = 0;          // Among all pictures of the request, files or not.
  std::string stream_id;  // Under which the prepared picture goes on.
  std::string_view content;
};

// At most this many pictures are taken in one request.
inline constexpr int kMaxImages = 16;

bool HasFiles(const inference::v1::GenerateRequest& request);

// A copy of `request` in which each file is replaced by the promise of its stream_id, without ever
// copying a file. Appends the files. FIELD_INVALID for more than kMaxImages pictures.
absl::StatusOr<inference::v1::GenerateRequest> PartFiles(
    const inference::v1::GenerateRequest& request, std::vector<PictureFile>& files);

// A copy of `request` whose files are left empty, to be filled in at `index` once prepared.
absl::StatusOr<inference::v1::ClassifyRequest> PartFiles(
    const inference::v1::ClassifyRequest& request, std::vector<PictureFile>& files);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_FILES_H_
