// SPDX-License-Identifier: Apache-2.0
//
// How long jobs take on one model of one engine, learnt from those that ended.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_RATE_MODEL_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_RATE_MODEL_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "services/inference/scheduling/rolling_sample.h"

namespace tessera::inference {

// What a job brings. Of a job that waits these are predictions.
struct JobSize {
  uint32_t prompt_tokens = 0;  // Pictures included.
  uint32_t pictures = 0;
  uint32_t max_output_tokens = 0;  // 0: not limited.
  bool embeds = false;
};

// What a job took, by our clock where nothing else is said.
struct JobTiming {
  JobSize size;  // Prompt tokens as the engine counted them.
  uint32_t output_tokens = 0;
  bool cold = false;           // The engine loaded the model first.
  absl::Duration first_token;  // From the start of the try.
  absl::Duration total;        // The same, to its end.
  // Until it had a slot, from the start of the try: of one that was handed over ahead. Unset where
  // that was not seen.
  std::optional<absl::Duration> before_slot = absl::ZeroDuration();
  absl::Duration engine_load;     // By the engine's count, the warm load included.
  absl::Duration engine_prefill;  // By the engine's count; zero when it did not say.
};

struct JobPrediction {
  // What the engine does for each request before it needs a slot, the model being loaded: Ollama
  // reads the metadata of the model's file again and reports that as load.
  absl::Duration warm_load;
  absl::Duration first_token;  // From the start, the model being loaded; warm_load included.
  absl::Duration total;        // The same, to the end.

  absl::Duration in_slot() const { return total - warm_load; }
};

// Not thread-safe. Before anything was learnt it predicts with round figures of a small GPU, which
// are good for sharing but not for refusing: see known().
class RateModel {
 public:
  void Learn(const JobTiming& timing);

  JobPrediction Predict(const JobSize& size) const;
  // Of loading the model; zero when that was never seen.
  absl::Duration load() const;
  // Whether enough was seen for the prediction to be held against a job or an engine. What texts
  // take says nothing of pictures.
  bool known(const JobSize& size) const {
    return answers_ >= kAnswersToKnow && (size.pictures == 0 || picture_answers_ >= kAnswersToKnow);
  }

  // For metrics; the round figures before anything was learnt.
  double prefill_tokens_per_second() const { return 1 / prefill_seconds_per_token_.Typical(); }
  double decode_tokens_per_second() const { return 1 / decode_seconds_per_token_.Typical(); }
  double picture_seconds() const { return picture_seconds_.Typical(); }

 private:
  static constexpr int kAnswersToKnow = 3;

  void LearnPrompt(const JobTiming& timing);

  RollingSample warm_load_seconds_{0};
  RollingSample overhead_seconds_{0.02};
  RollingSample prefill_seconds_per_token_{1.0 / 1000};
  RollingSample picture_seconds_{0.3};
  RollingSample decode_seconds_per_token_{1.0 / 50};
  RollingSample output_tokens_{128};
  RollingSample load_seconds_{0};
  int answers_ = 0;
  int picture_answers_ = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_RATE_MODEL_H_
