// SPDX-License-Identifier: Apache-2.0
//
// Cuts a stream of bytes into lines, however the network cut it.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_LINE_SPLITTER_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_LINE_SPLITTER_H_

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace tessera::inference {

// Not thread-safe.
class LineSplitter {
 public:
  // `max_line_bytes` bounds the memory that an endless line can take.
  explicit LineSplitter(size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  using OnLine = absl::FunctionRef<absl::Status(std::string_view)>;

  // Calls `on_line` for each line that `bytes` completes, without its newline; empty lines are
  // left out. Stops at the first error, which is returned. A line over the limit is
  // RESOURCE_EXHAUSTED, reason REPLY_TOO_LARGE.
  absl::Status Feed(std::string_view bytes, OnLine on_line);

  // Hands over what came after the last newline, if anything. Call at the end of the stream.
  absl::Status Finish(OnLine on_line);

 private:
  const size_t max_line_bytes_;
  std::string partial_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_LINE_SPLITTER_H_
