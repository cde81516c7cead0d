// SPDX-License-Identifier: Apache-2.0
//
// From a request as it came to a request that the engine may see: every field checked against its
// documented range, defaults filled in, pictures found.
#ifndef TESSERA_SERVICES_INFERENCE_CHAT_REQUEST_CHECK_H_
#define TESSERA_SERVICES_INFERENCE_CHAT_REQUEST_CHECK_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/inference/answer_rules.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/engine/model_engine.h"
#include "services/inference/message_check.h"
#include "services/inference/scheduling/chat_job.h"

namespace tessera::inference {

// What a request gets where it says nothing, and what it may say.
struct RequestDefaults {
  std::string vision_model = "qwen3-vl:4b";
  std::string text_model = "llama3.2-custom";
  uint32_t max_output_tokens = 4096;
  absl::Duration keep_alive = absl::Minutes(30);
  ModelProfiles profiles;
  bool allow_runtime_options = false;  // Requests may differ from the profiles.
};

// A request that passed. The views in it point into the message that was checked, the streamed
// pictures, and the defaults: all must outlive it. `owner` is a place to keep them.
struct CheckedChat {
  ChatRequest chat;
  std::optional<EmbedRequest> embed;  // Vectors are wanted instead; `chat` has only the model.
  PreparedImages images;
  size_t bytes = 0;  // Texts and pictures together.
  AnswerRules rules;
  bool reads_cache = false;   // Takes a known answer, or one that is being made.
  bool writes_cache = false;  // Keeps the new one.
  JobPriority priority = JobPriority::kInteractive;
  absl::Time received = absl::Now();  // When the check began.
  std::shared_ptr<const void> owner;
};

// Errors: FIELD_INVALID naming the field, PROMPT_IMAGE_MARKER, IMAGE_NOT_PREPARED, SCHEMA_INVALID,
// RUNTIME_OPTIONS_FIXED. `streamed` holds the pictures of a streaming call; empty for a unary one.
absl::StatusOr<CheckedChat> CheckGenerateRequest(const v1::GenerateRequest& request,
                                                 const StreamedImages& streamed,
                                                 const RequestDefaults& defaults);

// As above, and LABELS_EMPTY, LABELS_DUPLICATE, LABELS_TOO_MANY. The result's chat asks for labels,
// greedily, in JSON; its owner keeps the question.
absl::StatusOr<CheckedChat> CheckClassifyRequest(const v1::ClassifyRequest& request,
                                                 const RequestDefaults& defaults);

// FIELD_INVALID.
absl::StatusOr<CheckedChat> CheckEmbedRequest(const v1::EmbedRequest& request,
                                              const RequestDefaults& defaults);

// Refuses what the engine would get wrong. FAILED_PRECONDITION: MODEL_LACKS_VISION for a picture
// and a model that cannot see, MODEL_LACKS_CAPABILITY for tools, thinking, vectors and
// probabilities. A model that is not in the snapshot passes: the engine itself knows best what it
// has.
absl::Status CheckAgainstEngine(const CheckedChat& checked, const EngineSnapshot& engine);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CHAT_REQUEST_CHECK_H_
