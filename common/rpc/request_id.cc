// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/request_id.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "common/status/error.h"

namespace tessera {
namespace {
constexpr size_t kMaxLength = 64;

bool IsAllowed(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
}
}  // namespace

std::string MakeRequestId() {
  thread_local absl::BitGen random;
  return fmt::format("{:016x}", absl::Uniform<uint64_t>(random));
}

absl::StatusOr<std::string> RequestIdOr(std::string_view given) {
  if (given.empty()) return MakeRequestId();
  if (given.size() > kMaxLength || !std::all_of(given.begin(), given.end(), IsAllowed)) {
    return InvalidField("request_id",
                        "must be at most 64 characters of letters, digits, '.', '_' and '-'");
  }
  return std::string(given);
}

}  // namespace tessera
