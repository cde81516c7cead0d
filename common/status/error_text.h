// SPDX-License-Identifier: Apache-2.0
//
// Text of any origin made fit for an error: protobuf refuses a whole message over one bad byte, and
// gRPC replaces a whole status by a transport error when it is longer than a few kilobytes.
#ifndef TESSERA_COMMON_STATUS_ERROR_TEXT_H_
#define TESSERA_COMMON_STATUS_ERROR_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tessera {

// `text` as valid UTF-8, bytes that are none replaced by U+FFFD. Over `max_bytes` it is cut between
// characters and ends in "..."; the result has at most `max_bytes` + 3 bytes.
std::string ErrorText(std::string_view text, size_t max_bytes);

}  // namespace tessera

#endif  // TESSERA_COMMON_STATUS_ERROR_TEXT_H_
