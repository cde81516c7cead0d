// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PIXEL_DIGEST_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PIXEL_DIGEST_H_

#include <string>
#include <string_view>

namespace tessera::preprocess {

// The name of a prepared picture: SHA-256 of its encoded bytes, lower-case hex, 64 characters. Of a
// picture that is wanted as a tensor, SHA-256 of its RGB samples.
//
// Equal digests mean that an engine is shown equal pixels. The encoders are deterministic, so equal
// pixels and options give equal digests as well, and whoever receives a picture can check its name.
// Hashing the pixels themselves would take eight times as long.
std::string PixelDigest(std::string_view encoded);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PIXEL_DIGEST_H_
