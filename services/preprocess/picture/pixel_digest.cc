// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/pixel_digest.h"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace tessera::preprocess {
namespace {

constexpr uint8_t kVersion = 1;

struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

void Append32(uint32_t value, uint8_t* out) {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<uint8_t>(value >> (8 * i));
}

}  // namespace

std::string PixelDigest(SampleLayout layout, uint32_t lossy_quality, uint32_t width_px,
                        uint32_t height_px, std::span<const std::span<const uint8_t>> blocks) {
  std::array<uint8_t, 16> preamble = {
      'T', 'P', 'X', kVersion, static_cast<uint8_t>(layout), static_cast<uint8_t>(lossy_quality)};
  Append32(width_px, preamble.data() + 8);
  Append32(height_px, preamble.data() + 12);

  std::unique_ptr<EVP_MD_CTX, DigestDeleter> context(EVP_MD_CTX_new());
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned int digest_bytes = 0;
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  EVP_DigestUpdate(context.get(), preamble.data(), preamble.size());
  for (std::span<const uint8_t> block : blocks) {
    EVP_DigestUpdate(context.get(), block.data(), block.size());
  }
  EVP_DigestFinal_ex(context.get(), digest.data(), &digest_bytes);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest_bytes));
}

}  // namespace tessera::preprocess
