// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_GGUF_HEADER_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_GGUF_HEADER_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace tessera::inference {

// Bytes of a file that CheckGgufHeader looks at.
inline constexpr size_t kGgufHeaderBytes = 24;

// Ollama allocates what a GGUF file's header promises, and dies of one that lies:
// FAILED_PRECONDITION, reason MODEL_FILES_UNSUPPORTED, for a version that nobody writes, or more
// tensors and entries than any model has. OK for files of other kinds.
absl::Status CheckGgufHeader(std::string_view first_bytes);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_GGUF_HEADER_H_
