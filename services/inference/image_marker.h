// SPDX-License-Identifier: Apache-2.0
//
// Ollama marks the place of a picture in a prompt with [img-0], [img-1] ..., and a bare [img]
// steers where its renderer puts them. A text that contains one would be read as a picture.
#ifndef TESSERA_SERVICES_INFERENCE_IMAGE_MARKER_H_
#define TESSERA_SERVICES_INFERENCE_IMAGE_MARKER_H_

#include <optional>
#include <string_view>

namespace tessera::inference {

// The first "[img]" or "[img-<digits>]" in `text`.
std::optional<std::string_view> FindImageMarker(std::string_view text);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_IMAGE_MARKER_H_
