// SPDX-License-Identifier: Apache-2.0
//
// Where the time of a call went, by the services' clocks, the engine's counters and this client's
// clock, each named.
#ifndef TESSERA_CLI_TIMING_REPORT_H_
#define TESSERA_CLI_TIMING_REPORT_H_

#include <google/protobuf/repeated_field.h>
#include <tessera/image/v1/image.pb.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/terminal/ink.h"

namespace tessera::cli {

// What this client's clock saw, from the moment the call was made.
struct ClientTimes {
  absl::Duration connect;                // Before the call.
  std::optional<absl::Duration> upload;  // Until all pictures had gone up a stream.
  std::optional<absl::Duration> first_text;
  std::optional<absl::Duration> last_text;
  absl::Duration total;
};

// A finished call. The messages are not owned.
struct CallReport {
  ClientTimes client;
  const inference::v1::Completion& completion;
  std::vector<const inference::v1::ImageSummary*> images;
  std::vector<std::string> picture_names;  // By ImageSummary.index.
};

// Output tokens per second of decoding by the engine's counters, which leave sampling out. Nullopt
// when the engine reported none.
std::optional<double> EngineTokensPerSecond(const inference::v1::Completion& completion);

// Output tokens per second by this client's clock: from the first piece of text to the last for a
// stream, over the whole call otherwise.
std::optional<double> ClientTokensPerSecond(const ClientTimes& client,
                                            const inference::v1::Completion& completion);

// A table, several lines.
std::string TimingTable(const CallReport& report, const Pen& pen);

// The client's part for --json: seconds and tokens per second.
nlohmann::ordered_json ClientDocument(const ClientTimes& client,
                                      const inference::v1::Completion& completion);

// "header 0.3 ms, decode 21.4 ms"; stages that took next to nothing are left out.
std::string StagesText(const google::protobuf::RepeatedPtrField<image::v1::StageTime>& stages);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_TIMING_REPORT_H_
