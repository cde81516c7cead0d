// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_SIZE_ARGUMENT_H_
#define TESSERA_CLI_SIZE_ARGUMENT_H_

#include <tessera/image/v1/image.pb.h>

#include <string_view>

#include "absl/status/status.h"

namespace tessera::cli {

// Reads --size-policy into `options`. Forms:
//   fit-within
//   engine-fit:ENGINE        ollama-legacy, ollama-current, hugging-face or llama-cpp
//   token-budget:MAX         or token-budget:MIN-MAX
//   exact:WIDTHxHEIGHT       letterboxed, or exact:WIDTHxHEIGHT:stretch
// ARGUMENT_INVALID otherwise. Ranges are the server's business.
absl::Status ReadSizePolicy(std::string_view text, image::v1::ImageOptions& options);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_SIZE_ARGUMENT_H_
