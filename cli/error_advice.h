// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_ERROR_ADVICE_H_
#define TESSERA_CLI_ERROR_ADVICE_H_

#include <string_view>

#include "absl/status/status.h"

namespace tessera::cli {

// What to do about an error: one sentence for its reason, else one for its code. Never empty.
std::string_view AdviceFor(std::string_view reason, absl::StatusCode code);

// True when there is a sentence for this very reason.
bool HasAdviceFor(std::string_view reason);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_ERROR_ADVICE_H_
