// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_GGML_TYPES_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_GGML_TYPES_H_

#include <cstdint>
#include <string_view>

namespace tessera::inference {

// Bytes that `numbers` numbers take in a tensor of `type` ("Q8_0", "F16" ...). A type that is not
// known here counts as one byte per number, which is between the usual ones.
uint64_t TensorBytes(std::string_view type, uint64_t numbers);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_GGML_TYPES_H_
