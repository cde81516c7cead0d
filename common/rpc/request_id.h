// SPDX-License-Identifier: Apache-2.0
//
// The id that names a call in logs, errors and replies on both sides of the hop.
#ifndef TESSERA_COMMON_RPC_REQUEST_ID_H_
#define TESSERA_COMMON_RPC_REQUEST_ID_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tessera {

// 16 random hexadecimal digits. Thread-safe.
std::string MakeRequestId();

// `given` when it is 1 to 64 characters of letters, digits, '.', '_' and '-'; a new id when it is
// empty; INVALID_ARGUMENT, reason FIELD_INVALID, otherwise.
absl::StatusOr<std::string> RequestIdOr(std::string_view given);

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_REQUEST_ID_H_
