// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_MODEL_NAME_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_MODEL_NAME_H_

#include <string_view>

#include "absl/status/status.h"

namespace tessera::inference {

// OK for what can name a model: "[host/][namespace/]name[:tag]" of letters, digits and "._-", at
// most 350 bytes. Otherwise INVALID_ARGUMENT naming `field`. Names that would have the engine ask
// somebody else's servers (":cloud", "-cloud") are refused.
absl::Status CheckModelName(std::string_view field, std::string_view name);

// OK for "sha256:" and 64 lower-case hexadecimal digits.
absl::Status CheckDigest(std::string_view field, std::string_view digest);

// "name:tag" with the engine's default tag.
std::string WithTag(std::string_view name);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_MODEL_NAME_H_
