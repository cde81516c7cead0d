// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_ASK_TESSERA_ASKER_H_
#define TESSERA_CLI_BENCH_ASK_TESSERA_ASKER_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <memory>

#include "absl/time/time.h"
#include "cli/bench/ask/asker.h"
#include "cli/bench/run/stop_flag.h"
#include "cli/session.h"

namespace tessera::bench {

// Asks one of Tessera's doors, streaming; no answer comes from its cache. `stop` must outlive it.
std::unique_ptr<Asker> MakeTesseraAsker(const cli::Connection& connection, absl::Duration timeout,
                                        StopFlag& stop);

// What the services tell of an answer and of its pictures; the first picture only.
void TakeCompletion(const inference::v1::Completion& completion, Answer& answer);
void TakeImage(const inference::v1::ImageSummary& image, Answer& answer);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_ASK_TESSERA_ASKER_H_
