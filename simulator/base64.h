// SPDX-License-Identifier: Apache-2.0
//
// Base64 with Go's idea of what is wrong with it.
#ifndef TESSERA_SIMULATOR_BASE64_H_
#define TESSERA_SIMULATOR_BASE64_H_

#include <string>
#include <string_view>

namespace tessera::simulator {

// Decodes standard, padded base64; line breaks are skipped. On failure returns false and sets
// `error` to "illegal base64 data at input byte N".
bool DecodeBase64(std::string_view text, std::string* bytes, std::string* error);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_BASE64_H_
