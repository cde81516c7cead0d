// SPDX-License-Identifier: Apache-2.0
//
// One request and all that can be measured of it, whoever answers.
#ifndef TESSERA_CLI_BENCH_ASK_ASKER_H_
#define TESSERA_CLI_BENCH_ASK_ASKER_H_

#include <tessera/image/v1/image.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace tessera::bench {

struct Question {
  std::string model;  // Empty: the server's default; an engine needs a name.
  std::string prompt;
  std::vector<std::string> pictures;  // Files.
  // How the front door prepares them; not used by an engine.
  image::v1::ImageOptions image_options;
  std::string json_schema;  // The answer's form; empty: free text.
  uint32_t max_tokens = 128;
  double temperature = 0;
  uint32_t seed = 1;
  uint32_t num_ctx = 0;  // Engines only; 0: the model's own.
};

// Seconds; those that were not told are 0.
struct Answer {
  absl::Status status;
  std::string text;
  std::string model;
  // By this process's clock, from the request.
  double total_s = 0;
  std::optional<double> first_token_s;
  // By the engine's counters. `decode_s` leaves sampling out.
  double engine_total_s = 0;
  double load_s = 0;
  double prefill_s = 0;
  double decode_s = 0;
  uint32_t prompt_tokens = 0;
  uint32_t output_tokens = 0;
  // By the services.
  double service_s = 0;
  double preprocess_s = 0;
  double queue_s = 0;
  std::vector<std::pair<std::string, double>> stages;  // Of the first picture.
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  uint64_t picture_bytes = 0;

  // Tokens of the answer per second of the whole request.
  double Throughput() const;
  // Per second between the first token and the end; nullopt for answers of fewer than two tokens.
  std::optional<double> ClockRate() const;
  // Per second by the engine's counters; nullopt where it told none.
  std::optional<double> EngineRate() const;
  std::optional<double> PrefillRate() const;
  // What was not the engine's.
  double AroundEngine() const { return total_s - engine_total_s; }
};

// Thread-safe. Ask blocks until the answer is whole, or has failed, or the flag that the asker was
// made with is raised.
class Asker {
 public:
  virtual ~Asker() = default;
  virtual Answer Ask(const Question& question) = 0;
};

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_ASK_ASKER_H_
