// SPDX-License-Identifier: Apache-2.0
#include "services/inference/cache/cache_key.h"

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <type_traits>

namespace tessera::inference {
namespace {

// Changes with what is hashed, and with the form of what is kept under a key.
constexpr std::string_view kVersion = "tessera answer 1";

// Hashes fields so that no two different lists of fields give the same bytes: each text is preceded
// by its length, each list by its count, each value that may be absent by whether it is there.
class KeyHasher {
 public:
  KeyHasher() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
    Text(kVersion);
  }

  void Text(std::string_view text) {
    Number(text.size());
    EVP_DigestUpdate(context_.get(), text.data(), text.size());
  }

  template <typename T>
  void Number(T value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    EVP_DigestUpdate(context_.get(), &value, sizeof value);
  }

  template <typename T>
  void Maybe(const std::optional<T>& value) {
    Number(value.has_value());
    if (value) Number(*value);
  }

  CacheKey Key() {
    CacheKey key;
    EVP_DigestFinal_ex(context_.get(), key.digest.data(), nullptr);
    return key;
  }

 private:
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

void Add(KeyHasher& hasher, const RuntimeOptions& runtime) {
  hasher.Maybe(runtime.num_ctx);
  hasher.Maybe(runtime.num_batch);
  hasher.Maybe(runtime.num_gpu);
  hasher.Maybe(runtime.main_gpu);
  hasher.Maybe(runtime.use_mmap);
  hasher.Maybe(runtime.num_thread);
}

void Add(KeyHasher& hasher, const ChatSampling& sampling) {
  hasher.Maybe(sampling.max_output_tokens);
  hasher.Maybe(sampling.temperature);
  hasher.Maybe(sampling.top_k);
  hasher.Maybe(sampling.top_p);
  hasher.Maybe(sampling.min_p);
  hasher.Maybe(sampling.repeat_penalty);
  hasher.Maybe(sampling.seed);
  hasher.Maybe(sampling.typical_p);
  hasher.Maybe(sampling.repeat_last_n);
  hasher.Maybe(sampling.presence_penalty);
  hasher.Maybe(sampling.frequency_penalty);
  hasher.Maybe(sampling.num_keep);
  hasher.Number(sampling.stop.size());
  for (const std::string_view stop : sampling.stop) hasher.Text(stop);
}

void Add(KeyHasher& hasher, const ChatMessage& message) {
  hasher.Number(message.role);
  hasher.Text(message.text);
  hasher.Text(message.thinking);
  hasher.Text(message.tool_name);
  hasher.Number(message.images.size());
  for (const std::string_view image : message.images) hasher.Text(image);
  hasher.Number(message.tool_calls.size());
  for (const ChatToolCall& call : message.tool_calls) {
    hasher.Text(call.name);
    hasher.Text(call.arguments_json);
    hasher.Text(call.id);
  }
}

}  // namespace

std::string CacheKey::Hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const uint8_t byte : digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

CacheKey KeyOf(std::string_view model_digest, const ChatRequest& request,
               std::string_view variant) {
  KeyHasher hasher;
  hasher.Text("chat");
  hasher.Text(variant);
  hasher.Text(model_digest);
  hasher.Text(request.format_json);
  hasher.Number(request.thinking);
  hasher.Number(request.logprobs);
  hasher.Number(request.top_logprobs);
  Add(hasher, request.runtime);
  Add(hasher, request.sampling);
  hasher.Number(request.tools.size());
  for (const ChatTool& tool : request.tools) {
    hasher.Text(tool.name);
    hasher.Text(tool.description);
    hasher.Text(tool.parameters_json);
  }
  hasher.Number(request.messages.size());
  for (const ChatMessage& message : request.messages) Add(hasher, message);
  return hasher.Key();
}

CacheKey KeyOf(std::string_view model_digest, const EmbedRequest& request) {
  KeyHasher hasher;
  hasher.Text("embed");
  hasher.Text(model_digest);
  Add(hasher, request.runtime);
  hasher.Maybe(request.dimensions);
  hasher.Number(request.truncate);
  hasher.Number(request.texts.size());
  for (const std::string_view text : request.texts) hasher.Text(text);
  return hasher.Key();
}

}  // namespace tessera::inference
