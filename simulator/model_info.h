// SPDX-License-Identifier: Apache-2.0
//
// What Ollama tells about a model: `details` and the answer of /api/show.
#ifndef TESSERA_SIMULATOR_MODEL_INFO_H_
#define TESSERA_SIMULATOR_MODEL_INFO_H_

#include <string>

#include "simulator/model_table.h"

namespace tessera::simulator {

// The `details` object; with context_length and embedding_length where /api/tags shows them.
std::string ModelDetails(const ModelSpec& spec, bool with_sizes);

std::string ShowJson(const StoredModel& model);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_MODEL_INFO_H_
