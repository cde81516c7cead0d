// SPDX-License-Identifier: Apache-2.0
//
// Checks of single fields that requests of several kinds have. Errors: FIELD_INVALID naming the
// field, PROMPT_IMAGE_MARKER.
#ifndef TESSERA_SERVICES_INFERENCE_FIELD_CHECK_H_
#define TESSERA_SERVICES_INFERENCE_FIELD_CHECK_H_

#include <google/protobuf/duration.pb.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tessera::inference {

inline constexpr size_t kMaxTextBytes = 1 << 20;

// At most 256 characters that a model's name can have, and no cloud model: the engine would send
// such a request to somebody else's machine.
absl::Status CheckModelName(const std::string& name);

// At most `max_bytes`, and nothing in it that the engine would take for a picture.
absl::Status CheckText(const std::string& field, const std::string& text,
                       size_t max_bytes = kMaxTextBytes);

// The second half of CheckText.
absl::Status CheckMarker(const std::string& field, const std::string& text);

// `fallback` unless `given`; range [0 s, 24 h].
absl::StatusOr<absl::Duration> CheckKeepAlive(bool given,
                                              const google::protobuf::Duration& duration,
                                              absl::Duration fallback);

// 1 to 64 letters, digits, '_', '-' or '.'.
bool IsToolName(std::string_view name);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_FIELD_CHECK_H_
