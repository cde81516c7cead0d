// SPDX-License-Identifier: Apache-2.0
//
// The reasons with which tessera-inference fails a generation, for metrics that exist before the
// first error does. The table in README.md explains each.
#ifndef TESSERA_SERVICES_INFERENCE_ERROR_REASONS_H_
#define TESSERA_SERVICES_INFERENCE_ERROR_REASONS_H_

#include <array>
#include <string_view>

namespace tessera::inference {

inline constexpr auto kErrorReasons = std::to_array<std::string_view>({"FIELD_INVALID",
                                                                       "REQUEST_MALFORMED",
                                                                       "PROMPT_IMAGE_MARKER",
                                                                       "IMAGE_NOT_PREPARED",
                                                                       "LABELS_EMPTY",
                                                                       "LABELS_DUPLICATE",
                                                                       "LABELS_TOO_MANY",
                                                                       "CONTEXT_OVERFLOW",
                                                                       "ENGINE_REFUSED",
                                                                       "MODEL_NOT_FOUND",
                                                                       "MODEL_LACKS_VISION",
                                                                       "MODEL_OFFLOADED",
                                                                       "MODEL_LACKS_CAPABILITY",
                                                                       "QUEUE_FULL",
                                                                       "ENGINE_BUSY",
                                                                       "REPLY_TOO_LARGE",
                                                                       "CALLER_TOO_SLOW",
                                                                       "ENGINE_UNREACHABLE",
                                                                       "ENGINE_STREAM_BROKEN",
                                                                       "ENGINE_RUNNER_FAILED",
                                                                       "ENGINE_TIMEOUT",
                                                                       "ENGINE_REPLY_INVALID",
                                                                       "ENGINE_FAILED",
                                                                       "CLASSIFICATION_INVALID",
                                                                       "DEADLINE_EXCEEDED",
                                                                       "DRAINING",
                                                                       "RUNTIME_OPTIONS_FIXED",
                                                                       "SCHEMA_INVALID",
                                                                       "ANSWER_NOT_CONFORMING",
                                                                       "IMAGE_POISONED",
                                                                       "IMAGE_ASPECT_EXTREME",
                                                                       "DEADLINE_UNMEETABLE",
                                                                       "ENGINE_WEDGED",
                                                                       "BATCH_WINDOW_EXCEEDED"});

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ERROR_REASONS_H_
