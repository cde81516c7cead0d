// SPDX-License-Identifier: Apache-2.0
//
// Pictures that a caller sends on the stream after `start`: whole, or in chunks.
#ifndef TESSERA_SERVICES_PREPROCESS_UPLOADS_H_
#define TESSERA_SERVICES_PREPROCESS_UPLOADS_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tessera::preprocess {

// A picture of which the last byte has come.
struct Upload {
  int index = 0;  // Among all pictures of the request.
  std::string stream_id;
  std::string_view file;                     // A file, kept by Uploads ...
  std::optional<image::v1::Image> prepared;  // ... or a prepared picture.
};

// Not thread-safe. Must live as long as the files it handed out.
class Uploads {
 public:
  explicit Uploads(size_t max_file_bytes) : max_file_bytes_(max_file_bytes) {}

  // Notes which pictures `start` promises. FIELD_INVALID for a bad or repeated stream_id.
  absl::Status Expect(const inference::v1::GenerateRequest& start);

  // Takes a picture. REQUEST_MALFORMED when it was not promised or came before; FIELD_INVALID for
  // an Image that is neither file nor prepared.
  absl::StatusOr<Upload> Take(inference::v1::StreamedImage image);

  // Takes a piece of a picture; returns the picture with its last piece. IMAGE_TOO_MANY_BYTES as
  // soon as the pieces are too many, REQUEST_MALFORMED for an empty piece that is not the last,
  // FIELD_INVALID for one of more than 4 MiB.
  absl::StatusOr<std::optional<Upload>> Take(inference::v1::ImageChunk chunk);

  // True when every promised picture has come.
  bool complete() const { return expected_.empty(); }

 private:
  struct Expected {
    int index = 0;
    std::string file;  // The pieces so far.
  };

  absl::StatusOr<std::map<std::string, Expected>::iterator> Find(const std::string& stream_id);
  // Keeps `file` where it does not move.
  std::string_view Keep(std::string file);

  const size_t max_file_bytes_;
  std::map<std::string, Expected> expected_;
  std::deque<std::string> files_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_UPLOADS_H_
