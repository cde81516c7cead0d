// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/pixel_digest.h"

#include <openssl/evp.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace tessera::preprocess {

std::string PixelDigest(std::string_view encoded) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned int digest_bytes = 0;
  EVP_Digest(encoded.data(), encoded.size(), digest.data(), &digest_bytes, EVP_sha256(), nullptr);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest_bytes));
}

}  // namespace tessera::preprocess
