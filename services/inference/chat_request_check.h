// SPDX-License-Identifier: Apache-2.0
//
// From a request as it came to a request that the engine may see: every field checked against its
// documented range, defaults filled in, pictures found.
#ifndef TESSERA_SERVICES_INFERENCE_CHAT_REQUEST_CHECK_H_
#define TESSERA_SERVICES_INFERENCE_CHAT_REQUEST_CHECK_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/engine/model_engine.h"
#include "services/inference/scheduling/chat_job.h"

namespace tessera::inference {

// What a request gets where it says nothing.
struct RequestDefaults {
  std::string vision_model = "qwen3-vl:4b";
  std::string text_model = "llama3.2-custom";
  uint32_t max_output_tokens = 4096;
  absl::Duration keep_alive = absl::Minutes(30);
};

// Pictures that followed `start` on a stream, by stream_id.
using StreamedImages = std::map<std::string, image::v1::PreparedImage>;

// A request that passed. The views in `chat` point into the message that was checked, the streamed
// pictures, and the defaults: all must outlive it.
struct CheckedChat {
  ChatRequest chat;
  std::vector<const image::v1::PreparedImage*> images;
  size_t bytes = 0;  // Texts and pictures together.
  JobPriority priority = JobPriority::kInteractive;
};

// Errors: FIELD_INVALID naming the field, PROMPT_IMAGE_MARKER, IMAGE_NOT_PREPARED.
// `streamed` holds the pictures of a streaming call; empty for a unary one.
absl::StatusOr<CheckedChat> CheckGenerateRequest(const v1::GenerateRequest& request,
                                                 const StreamedImages& streamed,
                                                 const RequestDefaults& defaults);

// As above, and LABELS_EMPTY, LABELS_DUPLICATE, LABELS_TOO_MANY. The result's chat asks for one of
// the labels, greedily, in JSON. `prompt` receives the text of the question and must outlive it.
absl::StatusOr<CheckedChat> CheckClassifyRequest(const v1::ClassifyRequest& request,
                                                 const RequestDefaults& defaults,
                                                 std::string& prompt);

// Refuses what the engine would get wrong: a picture for a model that cannot see
// (FAILED_PRECONDITION, reason MODEL_LACKS_VISION). A model that is not in the snapshot passes:
// the engine itself knows best what it has.
absl::Status CheckAgainstEngine(const CheckedChat& checked, const EngineSnapshot& engine);

// The stream ids that `request` promises, in order. FIELD_INVALID for a bad or repeated one.
absl::StatusOr<std::vector<std::string>> PromisedImages(const v1::GenerateRequest& request);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CHAT_REQUEST_CHECK_H_
