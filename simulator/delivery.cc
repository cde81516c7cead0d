// SPDX-License-Identifier: Apache-2.0
#include "simulator/delivery.h"

#include <vector>

#include "common/status/error.h"
#include "simulator/text.h"

namespace tessera::simulator {

absl::StatusOr<Delivery> ParseDelivery(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, ":");
  const std::string_view kind = parts[0];
  const std::string_view first = parts.size() > 1 ? parts[1] : std::string_view();
  Delivery delivery;
  if (kind == "line" && parts.size() == 1) {
    return delivery;
  }
  if (kind == "bytes" && parts.size() == 1) {
    delivery.segment_bytes = 1;
    return delivery;
  }
  if (kind == "split" && first == "random") {
    delivery.segment_bytes = 16;
    delivery.random_cuts = true;
    if (parts.size() < 3 || ParseNumber(parts[2], &delivery.seed)) {
      return delivery;
    }
  }
  if (kind == "join" && first == "all") {
    delivery.lines_per_segment = 0;
    return delivery;
  }
  int number;
  if (ParseNumber(first, &number) && number > 0) {
    if (kind == "split") {
      delivery.segment_bytes = static_cast<size_t>(number);
      return delivery;
    }
    if (kind == "join") {
      delivery.lines_per_segment = number;
      return delivery;
    }
    if (kind == "slow") {
      delivery.segment_bytes = 1;
      delivery.gap = std::chrono::nanoseconds(1'000'000'000 / number);
      return delivery;
    }
  }
  return InvalidField("deliver", Concat("is \"", text,
                                        "\"; use line, bytes, split:N, split:random[:SEED], "
                                        "join:N, join:all or slow:N"));
}

}  // namespace tessera::simulator
