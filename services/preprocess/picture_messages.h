// SPDX-License-Identifier: Apache-2.0
//
// Between the API's picture messages and the picture library, which knows no protos.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_MESSAGES_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_MESSAGES_H_

#include <tessera/image/v1/image.pb.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/preprocess/picture/picture_options.h"
#include "services/preprocess/picture/prepared_picture.h"

namespace tessera::preprocess {

// Defaults filled in, ranges checked: INVALID_ARGUMENT, reason FIELD_INVALID. `field` is what the
// request calls the options.
absl::StatusOr<PictureOptions> ToPictureOptions(const image::v1::ImageOptions& options,
                                                std::string_view field);

// Moves the encoded bytes. `queued` becomes the first stage, "queue".
image::v1::PreparedImage ToMessage(PreparedPicture picture, absl::Duration queued);

// `image` without its bytes, as a reply tells it to a caller who did not ask for them.
inference::v1::ImageSummary Summarise(const image::v1::PreparedImage& image, int index);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_MESSAGES_H_
