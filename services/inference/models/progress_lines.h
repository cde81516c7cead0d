// SPDX-License-Identifier: Apache-2.0
//
// The lines that Ollama sends while it fetches or makes a model.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_PROGRESS_LINES_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_PROGRESS_LINES_H_

#include <tessera/model/v1/model_service.pb.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/progress/transfer_meter.h"

namespace tessera::inference {

// Makes progress messages of lines, with rate and time left, and leaves out what nobody could read
// anyway. Not thread-safe.
class ProgressLines {
 public:
  // The message for a line that came at `now`; nothing for a line that says too little new. An
  // error line is an error (management_errors.h), as is a line that is not JSON.
  absl::StatusOr<std::optional<model::v1::ModelProgress>> Read(std::string_view line,
                                                               absl::Time now);

  // True once the engine has said that all is done. A stream that ends before has failed.
  bool succeeded() const { return succeeded_; }

 private:
  bool TooSoon(const model::v1::ModelProgress& progress, absl::Time now) const;

  std::string status_;
  std::string digest_;
  absl::Time told_at_ = absl::InfinitePast();
  TransferMeter meter_;
  bool succeeded_ = false;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_PROGRESS_LINES_H_
