// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/preprocess_metrics.h"

#include "common/metrics/buckets.h"
#include "common/status/error.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/picture_format.h"

namespace tessera::preprocess {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

constexpr char kOther[] = "other";

prometheus::Counter* OneCounter(prometheus::Registry& registry, const char* name,
                                const char* help) {
  return &BuildCounter().Name(name).Help(help).Register(registry).Add({});
}
prometheus::Gauge* OneGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return &BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

PreprocessMetrics::PreprocessMetrics(prometheus::Registry& registry) {
  auto& stages = BuildHistogram()
                     .Name("tessera_preprocess_stage_seconds")
                     .Help("Time in one stage of a picture's preparation, seconds.")
                     .Register(registry);
  stages_[std::string(kQueueStage)] =
      &stages.Add({{"stage", std::string(kQueueStage)}}, buckets::kStageDuration);
  for (const std::string_view name : kStageNames) {
    const std::string stage(name);
    stages_[stage] = &stages.Add({{"stage", stage}}, buckets::kStageDuration);
  }
  auto& pictures = BuildHistogram()
                       .Name("tessera_preprocess_picture_seconds")
                       .Help("Time to prepare one picture by format, without the queue, seconds.")
                       .Register(registry);
  for (const PictureFormat format : kPictureFormats) {
    const std::string name(FormatName(format));
    pictures_[name] = &pictures.Add({{"format", name}}, buckets::kStageDuration);
  }
  auto& refused = BuildCounter()
                      .Name("tessera_preprocess_refused_total")
                      .Help("Pictures that were not prepared, by ErrorInfo reason.")
                      .Register(registry);
  for (const std::string_view name : kRefusalReasons) {
    const std::string reason(name);
    refused_[reason] = &refused.Add({{"reason", reason}});
  }
  for (const char* reason :
       {"FIELD_INVALID", "QUEUE_FULL", "CANCELLED", "DEADLINE_EXCEEDED", "DRAINING", kOther}) {
    refused_[reason] = &refused.Add({{"reason", reason}});
  }
  bytes_in_ = OneCounter(registry, "tessera_preprocess_input_bytes_total",
                         "Bytes of the picture files that were prepared.");
  bytes_out_ = OneCounter(registry, "tessera_preprocess_output_bytes_total",
                          "Bytes of the prepared pictures.");
  pixels_in_ = OneCounter(registry, "tessera_preprocess_input_pixels_total",
                          "Pixels of the pictures that were prepared, as stored.");
  pixels_out_ = OneCounter(registry, "tessera_preprocess_output_pixels_total",
                           "Pixels of the prepared pictures.");
  queued_ = OneGauge(registry, "tessera_preprocess_queue_pictures",
                     "Pictures that wait for a worker now.");
  running_ =
      OneGauge(registry, "tessera_preprocess_busy_workers", "Workers that prepare a picture now.");
  inference_up_ = OneGauge(registry, "tessera_preprocess_inference_up",
                           "1 when tessera-inference said SERVING at the last check, else 0.");
}

void PreprocessMetrics::CountPrepared(const PreparedPicture& picture, absl::Duration queued,
                                      absl::Duration worked) {
  stages_.find(kQueueStage)->second->Observe(absl::ToDoubleSeconds(queued));
  for (const StageTime& stage : picture.stage_times) {
    const auto found = stages_.find(stage.name);
    if (found != stages_.end()) found->second->Observe(absl::ToDoubleSeconds(stage.duration));
  }
  pictures_.find(FormatName(picture.source.format))->second->Observe(absl::ToDoubleSeconds(worked));
  bytes_in_->Increment(static_cast<double>(picture.source.file_bytes));
  bytes_out_->Increment(static_cast<double>(picture.bytes.size()));
  pixels_in_->Increment(static_cast<double>(picture.source.Pixels()));
  pixels_out_->Increment(static_cast<double>(picture.width_px) * picture.height_px);
}

void PreprocessMetrics::CountRefused(const absl::Status& status) {
  auto found = refused_.find(ReasonOf(status));
  if (found == refused_.end()) found = refused_.find(kOther);
  found->second->Increment();
}

}  // namespace tessera::preprocess
