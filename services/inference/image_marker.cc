// SPDX-License-Identifier: Apache-2.0
#include "services/inference/image_marker.h"

namespace tessera::inference {
namespace {

// Length of "]" or "-<digits>]" at the beginning of `text`; 0 when neither is there.
size_t EndOfMarker(std::string_view text) {
  size_t at = 0;
  if (text.starts_with('-')) {
    at = text.find_first_not_of("0123456789", 1);
    if (at == 1 || at == std::string_view::npos) return 0;
  }
  return text.substr(at).starts_with(']') ? at + 1 : 0;
}

}  // namespace

std::optional<std::string_view> FindImageMarker(std::string_view text) {
  constexpr std::string_view kStart = "[img";
  for (size_t at = text.find(kStart); at != std::string_view::npos;
       at = text.find(kStart, at + kStart.size())) {
    const std::string_view rest = text.substr(at + kStart.size());
    const size_t length = EndOfMarker(rest);
    if (length > 0) return text.substr(at, kStart.size() + length);
  }
  return std::nullopt;
}

}  // namespace tessera::inference
