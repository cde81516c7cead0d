// SPDX-License-Identifier: Apache-2.0
//
// Shows how far a long transfer has come.
#ifndef TESSERA_CLI_MODELS_TRANSFER_DISPLAY_H_
#define TESSERA_CLI_MODELS_TRANSFER_DISPLAY_H_

#include <tessera/model/v1/model_service.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "cli/session.h"
#include "common/progress/transfer_meter.h"

namespace tessera::cli {

// "[=======>      ]  45 %": a bar of `width` places. `share` is clamped to [0, 1].
std::string BarText(double share, int width);

// "0:05", "12:34", "3:02:01".
std::string ClockText(absl::Duration duration);

// One step of a transfer.
struct TransferStep {
  std::string status;  // What is being done.
  std::string digest;  // Of which file; may be empty.
  uint64_t done_bytes = 0;
  uint64_t total_bytes = 0;  // 0: no bytes are counted.
  double bytes_per_second = 0;
  std::optional<absl::Duration> time_left;
};

// On a terminal one line with a bar that stays in place; in a pipe a line for each new step and
// each tenth of its bytes; with --json a document for each event, on standard output. Used by one
// thread.
class TransferDisplay {
 public:
  explicit TransferDisplay(Session& session) : session_(session) {}

  void Show(const TransferStep& step);
  void Show(const model::v1::ModelProgress& progress);
  // A step that is measured here: `what` is at `done` of `total` bytes.
  void ShowOwn(std::string_view what, uint64_t done, uint64_t total);

 private:
  void ShowBar(const TransferStep& step);
  void ShowLine(const TransferStep& step);

  Session& session_;
  std::string shown_status_;
  int shown_tenths_ = -1;
  absl::Time shown_at_ = absl::InfinitePast();
  TransferMeter meter_;
  std::string metered_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_TRANSFER_DISPLAY_H_
