// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/line_splitter.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::inference {
namespace {

absl::Status Deliver(std::string_view line, LineSplitter::OnLine on_line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line.empty() ? absl::OkStatus() : on_line(line);
}

}  // namespace

absl::Status LineSplitter::Feed(std::string_view bytes, OnLine on_line) {
  while (!bytes.empty()) {
    const size_t newline = bytes.find('\n');
    const std::string_view head = bytes.substr(0, newline);
    if (partial_.size() + head.size() > max_line_bytes_) {
      return MakeError(absl::StatusCode::kResourceExhausted, "REPLY_TOO_LARGE",
                       fmt::format("the engine sent a line of more than {} bytes", max_line_bytes_),
                       {.metadata = {{"limitBytes", std::to_string(max_line_bytes_)}}});
    }
    if (newline == std::string_view::npos) {
      partial_ += head;
      break;
    }
    bytes.remove_prefix(newline + 1);
    if (partial_.empty()) {
      // The common case: the line lies whole in the network's buffer and is not copied.
      TESSERA_RETURN_IF_ERROR(Deliver(head, on_line));
    } else {
      partial_ += head;
      const std::string line = std::exchange(partial_, {});
      TESSERA_RETURN_IF_ERROR(Deliver(line, on_line));
    }
  }
  return absl::OkStatus();
}

absl::Status LineSplitter::Finish(OnLine on_line) {
  const std::string line = std::exchange(partial_, {});
  return Deliver(line, on_line);
}

}  // namespace tessera::inference
