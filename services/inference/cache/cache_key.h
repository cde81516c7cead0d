// SPDX-License-Identifier: Apache-2.0
//
// The name of an answer: two requests have the same key exactly when the engine would be asked the
// same thing.
#ifndef TESSERA_SERVICES_INFERENCE_CACHE_CACHE_KEY_H_
#define TESSERA_SERVICES_INFERENCE_CACHE_CACHE_KEY_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "services/inference/engine/model_engine.h"

namespace tessera::inference {

struct CacheKey {
  std::array<uint8_t, 32> digest{};

  // 64 hexadecimal digits.
  std::string Hex() const;
  friend bool operator==(const CacheKey&, const CacheKey&) = default;
};

struct CacheKeyHash {
  size_t operator()(const CacheKey& key) const {
    size_t hash = 0;
    std::memcpy(&hash, key.digest.data(), sizeof hash);
    return hash;
  }
};

// SHA-256 over the model's digest, so that a tag that is given to other weights has other answers,
// and over everything in `request` that reaches the model, pictures by their bytes. How long the
// model stays loaded and when the call ends make no difference. `variant` tells apart requests that
// differ in what is done with the engine's answer.
CacheKey KeyOf(std::string_view model_digest, const ChatRequest& request, std::string_view variant);
CacheKey KeyOf(std::string_view model_digest, const EmbedRequest& request);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CACHE_CACHE_KEY_H_
