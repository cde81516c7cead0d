// SPDX-License-Identifier: Apache-2.0
//
// The messages of a conversation and the pictures in them, checked.
#ifndef TESSERA_SERVICES_INFERENCE_MESSAGE_CHECK_H_
#define TESSERA_SERVICES_INFERENCE_MESSAGE_CHECK_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/inference/engine/model_engine.h"

namespace tessera::inference {

// Pictures that followed `start` on a stream, by stream_id.
using StreamedImages = std::map<std::string, image::v1::PreparedImage>;

// All pictures of a request, in its order.
using PreparedImages = std::vector<const image::v1::PreparedImage*>;

// Errors of both: FIELD_INVALID naming the field, PROMPT_IMAGE_MARKER, IMAGE_NOT_PREPARED. The
// results' views point into what was checked and into `streamed`. Appends to `all`.
absl::StatusOr<std::vector<std::string_view>> CheckImages(
    const std::string& field, const google::protobuf::RepeatedPtrField<image::v1::Image>& images,
    const StreamedImages& streamed, PreparedImages& all);
absl::StatusOr<ChatMessage> CheckMessage(const std::string& field, const v1::Message& message,
                                         const StreamedImages& streamed, PreparedImages& all);

// Bytes of texts and pictures.
size_t SizeOf(const ChatMessage& message);

// The stream ids that `request` promises, in order. FIELD_INVALID for a bad or repeated one.
absl::StatusOr<std::vector<std::string>> PromisedImages(const v1::GenerateRequest& request);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MESSAGE_CHECK_H_
