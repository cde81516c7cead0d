// SPDX-License-Identifier: Apache-2.0
//
// Times, sizes and rates as people write and read them.
#ifndef TESSERA_CLI_QUANTITIES_H_
#define TESSERA_CLI_QUANTITIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tessera::cli {

// "90s", "1m30s", "250ms", or a bare number of seconds. More than 0, at most 24 h. The error's
// message is fit for a usage error.
absl::StatusOr<absl::Duration> ParseTimeout(std::string_view text);

// "8GiB", "8192MiB", "8G" (binary), "8GB", "8000MB" (decimal), or a bare number of bytes. More than
// 0, at most 1 PiB. `option` is for the error's message, which is fit for a usage error.
absl::StatusOr<uint64_t> ParseSize(std::string_view option, std::string_view text);

// "0.4 ms", "45.2 ms", "1.24 s", "2 min 05 s".
std::string DurationText(absl::Duration duration);

// "812 B", "98.4 KiB", "3.2 MiB".
std::string SizeText(uint64_t bytes);

// "1,234,567".
std::string NumberText(uint64_t number);

// "1 picture", "3 pictures".
std::string CountText(uint64_t count, std::string_view singular);

// "98.1 %", or "-" when it is not known.
std::string ConfidenceText(std::optional<double> confidence);

// Lower-case hexadecimal digits.
std::string HexText(std::string_view bytes);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_QUANTITIES_H_
