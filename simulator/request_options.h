// SPDX-License-Identifier: Apache-2.0
//
// The fields whose rules are Ollama's own: options and keep_alive.
#ifndef TESSERA_SIMULATOR_REQUEST_OPTIONS_H_
#define TESSERA_SIMULATOR_REQUEST_OPTIONS_H_

#include <simdjson.h>

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "simulator/generation_request.h"

namespace tessera::simulator {

// Numbers are seconds, strings are Go durations, negative means for ever.
RequestError ReadKeepAlive(simdjson::dom::element element,
                           std::optional<absl::Duration>* keep_alive);

// Returns an error text such as `option "num_ctx" must be of type integer`. Unknown options pass.
std::string ReadOptions(simdjson::dom::element options, GenerationRequest* request);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_REQUEST_OPTIONS_H_
