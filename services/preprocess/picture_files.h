// SPDX-License-Identifier: Apache-2.0
//
// The picture files of a request, taken out of it: what is left goes on to tessera-inference as it
// came, with everything in it that this service does not know.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_FILES_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_FILES_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::preprocess {

// A picture file of a request.
struct PictureFile {
  int index = 0;                      // Among all pictures of the request, files or not.
  std::string stream_id;              // Under which the prepared picture goes on, if on a stream.
  std::string content;                // Moved out of the request, never copied.
  image::v1::Image* place = nullptr;  // Where it was; as long as the request's lists stay.
};

// At most this many pictures are taken in one request.
inline constexpr int kMaxImages = 16;

// Takes the files out of `request`; each leaves the promise of its stream_id. FIELD_INVALID for
// more than kMaxImages pictures.
absl::StatusOr<std::vector<PictureFile>> TakeFiles(inference::v1::GenerateRequest& request);
absl::StatusOr<std::vector<PictureFile>> TakeFiles(inference::v1::ClassifyRequest& request);
// There are none.
absl::StatusOr<std::vector<PictureFile>> TakeFiles(inference::v1::EmbedRequest& request);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_FILES_H_
