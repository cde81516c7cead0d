// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/progress_lines.h"

#include <simdjson.h>

#include "common/rpc/proto_time.h"
#include "services/inference/engine/engine_errors.h"
#include "services/inference/models/management_errors.h"

namespace tessera::inference {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(100);

uint64_t NumberOrZero(simdjson::simdjson_result<simdjson::dom::element> value) {
  uint64_t number = 0;
  return value.get(number) == simdjson::SUCCESS ? number : 0;
}

}  // namespace

absl::StatusOr<std::optional<model::v1::ModelProgress>> ProgressLines::Read(std::string_view line,
                                                                            absl::Time now) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(line.data(), line.size()).get(document) != simdjson::SUCCESS ||
      !document.is_object()) {
    return InvalidReply("sent a line of progress that is not JSON");
  }
  std::string_view text;
  if (document["error"].get(text) == simdjson::SUCCESS) {
    return StatusFromManagementError(kMidStream, text);
  }
  model::v1::ModelProgress progress;
  if (document["status"].get(text) == simdjson::SUCCESS) progress.set_status(std::string(text));
  if (document["digest"].get(text) == simdjson::SUCCESS) progress.set_digest(std::string(text));
  progress.set_total_bytes(NumberOrZero(document["total"]));
  progress.set_completed_bytes(NumberOrZero(document["completed"]));
  succeeded_ = progress.status() == "success";

  if (progress.digest() != digest_) meter_.Reset();
  if (progress.total_bytes() > 0) {
    meter_.Update(progress.completed_bytes(), progress.total_bytes(), now);
    progress.set_bytes_per_second(meter_.rate());
    if (const auto left = meter_.time_left()) *progress.mutable_time_left() = ToProto(*left);
  }
  if (TooSoon(progress, now)) return std::nullopt;
  status_ = progress.status();
  digest_ = progress.digest();
  told_at_ = now;
  return progress;
}

bool ProgressLines::TooSoon(const model::v1::ModelProgress& progress, absl::Time now) const {
  if (progress.status() != status_ || progress.digest() != digest_) return false;
  const bool complete =
      progress.total_bytes() > 0 && progress.completed_bytes() == progress.total_bytes();
  return !complete && now - told_at_ < kInterval;
}

}  // namespace tessera::inference
