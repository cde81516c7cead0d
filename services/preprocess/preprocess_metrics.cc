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
constexpr char kTensor[] = "tensor";

// Real work for each predicted unit of it: how far predictions are off, either way.
const prometheus::Histogram::BucketBoundaries kRatioBuckets{0.25, 0.5, 0.67, 0.8, 0.9, 1.1,
                                                            1.25, 1.5, 2,    4,   8};

prometheus::Counter* OneCounter(prometheus::Registry& registry, const char* name,
                                const char* help) {
  return &BuildCounter().Name(name).Help(help).Register(registry).Add({});
}
prometheus::Gauge* OneGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return &BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

PreprocessMetrics::PreprocessMetrics(prometheus::Registry& registry) {
  AddStageSeries(registry);
  AddFormatSeries(registry);
  AddRefusalSeries(registry);
  AddOutputSeries(registry);
  AddPlanSeries(registry);
  AddLaneSeries(registry);
  inference_up_ = OneGauge(registry, "tessera_preprocess_inference_up",
                           "1 when tessera-inference said SERVING at the last check, else 0.");
}

void PreprocessMetrics::AddStageSeries(prometheus::Registry& registry) {
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
}

void PreprocessMetrics::AddFormatSeries(prometheus::Registry& registry) {
  auto& pictures = BuildHistogram()
                       .Name("tessera_preprocess_picture_seconds")
                       .Help("Time to prepare one picture by format, without the queue, seconds.")
                       .Register(registry);
  auto& stages = BuildCounter()
                     .Name("tessera_preprocess_format_stage_seconds_total")
                     .Help("Time in one stage for one format, seconds.")
                     .Register(registry);
  auto& bytes = BuildCounter()
                    .Name("tessera_preprocess_input_bytes_total")
                    .Help("Bytes of the picture files that were prepared.")
                    .Register(registry);
  auto& pixels = BuildCounter()
                     .Name("tessera_preprocess_input_pixels_total")
                     .Help("Pixels of the pictures that were prepared, as stored.")
                     .Register(registry);
  for (const PictureFormat format : kPictureFormats) {
    const std::string name(FormatName(format));
    FormatSeries& series = formats_[name];
    series.pictures = &pictures.Add({{"format", name}}, buckets::kStageDuration);
    series.bytes = &bytes.Add({{"format", name}});
    series.pixels = &pixels.Add({{"format", name}});
    for (const std::string_view stage : kStageNames) {
      series.stages[std::string(stage)] =
          &stages.Add({{"format", name}, {"stage", std::string(stage)}});
    }
  }
}

void PreprocessMetrics::AddRefusalSeries(prometheus::Registry& registry) {
  auto& refused = BuildCounter()
                      .Name("tessera_preprocess_refused_total")
                      .Help("Pictures that were not prepared, by ErrorInfo reason.")
                      .Register(registry);
  for (const std::string_view name : kRefusalReasons) {
    const std::string reason(name);
    refused_[reason] = &refused.Add({{"reason", reason}});
  }
  for (const char* reason : {"FIELD_INVALID", "QUEUE_FULL", "DEADLINE_UNMEETABLE", "CANCELLED",
                             "DEADLINE_EXCEEDED", "DRAINING", kOther}) {
    refused_[reason] = &refused.Add({{"reason", reason}});
  }
  wasted_ = OneCounter(registry, "tessera_preprocess_wasted_seconds_total",
                       "Processor time spent on pictures that were cancelled or came too late.");
}

void PreprocessMetrics::AddOutputSeries(prometheus::Registry& registry) {
  auto& bytes = BuildCounter()
                    .Name("tessera_preprocess_output_bytes_total")
                    .Help("Bytes of the prepared pictures, by encoding; of tensors, as sent.")
                    .Register(registry);
  for (const std::string& encoding :
       {std::string(EncodingName(PictureEncoding::kJpeg)),
        std::string(EncodingName(PictureEncoding::kPng)), std::string(kTensor)}) {
    bytes_out_[encoding] = &bytes.Add({{"encoding", encoding}});
  }
  pixels_out_ = OneCounter(registry, "tessera_preprocess_output_pixels_total",
                           "Pixels of the prepared pictures.");
}

void PreprocessMetrics::AddPlanSeries(prometheus::Registry& registry) {
  auto& plans = BuildCounter()
                    .Name("tessera_preprocess_plan_total")
                    .Help("Pictures prepared, by decoder and the factor by which it reduced them.")
                    .Register(registry);
  const auto add = [&](const std::string& decoder, int shrink) {
    plans_[{decoder, shrink}] =
        &plans.Add({{"decoder", decoder}, {"shrink", std::to_string(shrink)}});
  };
  for (const int shrink : {1, 2, 4, 8}) {
    add("libjpeg-turbo", shrink);
    add("libvips", shrink);
  }
  for (const char* decoder : {"isa-l", "libwebp", kOther}) add(decoder, 1);
}

void PreprocessMetrics::AddLaneSeries(prometheus::Registry& registry) {
  auto& wait = BuildHistogram()
                   .Name("tessera_preprocess_lane_wait_seconds")
                   .Help("Time that pictures waited in a lane, seconds.")
                   .Register(registry);
  auto& predicted = BuildCounter()
                        .Name("tessera_preprocess_predicted_seconds_total")
                        .Help("Processor time predicted for pictures that were prepared, seconds.")
                        .Register(registry);
  auto& work = BuildCounter()
                   .Name("tessera_preprocess_work_seconds_total")
                   .Help("Processor time that pictures took that were prepared, seconds.")
                   .Register(registry);
  for (const Lane lane : kLanes) {
    const prometheus::Labels labels = {{"lane", std::string(LaneName(lane))}};
    lanes_[static_cast<size_t>(lane)] = {
        .wait = &wait.Add(labels, buckets::kStageDuration),
        .predicted = &predicted.Add(labels),
        .work = &work.Add(labels),
    };
  }
  cost_ratio_ = &BuildHistogram()
                     .Name("tessera_preprocess_cost_ratio")
                     .Help("Processor time a picture took over what was predicted.")
                     .Register(registry)
                     .Add({}, kRatioBuckets);
}

void PreprocessMetrics::CountPrepared(const PreparedPicture& picture, const PictureEffort& effort) {
  FormatSeries& format = formats_.find(FormatName(picture.source.format))->second;
  stages_.find(kQueueStage)->second->Observe(absl::ToDoubleSeconds(effort.queued));
  for (const StageTime& stage : picture.stage_times) {
    const auto found = stages_.find(stage.name);
    if (found == stages_.end()) continue;
    found->second->Observe(absl::ToDoubleSeconds(stage.duration));
    format.stages.find(stage.name)->second->Increment(absl::ToDoubleSeconds(stage.duration));
  }
  format.pictures->Observe(absl::ToDoubleSeconds(effort.time));
  format.bytes->Increment(static_cast<double>(picture.source.file_bytes));
  format.pixels->Increment(static_cast<double>(picture.source.Pixels()));

  const OutputSize sides{picture.width_px, picture.height_px};
  if (picture.tensor) {
    bytes_out_.find(kTensor)->second->Increment(
        static_cast<double>(TensorBytes(*picture.tensor, sides)));
  } else {
    bytes_out_.find(EncodingName(picture.encoding))
        ->second->Increment(static_cast<double>(picture.bytes.size()));
  }
  pixels_out_->Increment(static_cast<double>(picture.width_px) * picture.height_px);
  auto plan = plans_.find({std::string(picture.plan.path), picture.plan.shrink_on_load});
  if (plan == plans_.end()) plan = plans_.find({kOther, 1});
  plan->second->Increment();

  const LaneSeries& lane = lanes_[static_cast<size_t>(effort.predicted.lane)];
  lane.wait->Observe(absl::ToDoubleSeconds(effort.queued));
  lane.predicted->Increment(absl::ToDoubleSeconds(effort.predicted.work));
  lane.work->Increment(absl::ToDoubleSeconds(effort.work));
  cost_ratio_->Observe(absl::FDivDuration(effort.work, effort.predicted.work));
}

void PreprocessMetrics::CountRefused(const absl::Status& status) {
  auto found = refused_.find(ReasonOf(status));
  if (found == refused_.end()) found = refused_.find(kOther);
  found->second->Increment();
}

void PreprocessMetrics::CountWasted(absl::Duration work) {
  wasted_->Increment(absl::ToDoubleSeconds(work));
}

}  // namespace tessera::preprocess
