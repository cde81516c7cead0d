// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/gguf_header.h"

#include <fmt/format.h>

#include <cstdint>

#include "common/status/error.h"

namespace tessera::inference {
namespace {

constexpr std::string_view kMagic = "GGUF";
constexpr uint64_t kMaxEntries = 1'000'000;

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return number;
}

}  // namespace

absl::Status CheckGgufHeader(std::string_view first_bytes) {
  if (!first_bytes.starts_with(kMagic)) return absl::OkStatus();
  const bool whole = first_bytes.size() >= kGgufHeaderBytes;
  const uint64_t version = whole ? LittleEndian(first_bytes.substr(4, 4)) : 0;
  const uint64_t tensors = whole ? LittleEndian(first_bytes.substr(8, 8)) : 0;
  const uint64_t entries = whole ? LittleEndian(first_bytes.substr(16, 8)) : 0;
  if (version >= 2 && version <= 3 && tensors <= kMaxEntries && entries <= kMaxEntries) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, "MODEL_FILES_UNSUPPORTED",
                   fmt::format("the file begins like a GGUF file, but its header is none: version "
                               "{}, {} tensors, {} entries",
                               version, tensors, entries));
}

}  // namespace tessera::inference
