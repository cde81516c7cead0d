// SPDX-License-Identifier: Apache-2.0
//
// POST /api/embed and its predecessor POST /api/embeddings.
#ifndef TESSERA_SIMULATOR_EMBED_HANDLER_H_
#define TESSERA_SIMULATOR_EMBED_HANDLER_H_

#include <memory>
#include <string_view>
#include <vector>

#include "simulator/exchange.h"
#include "simulator/simulation.h"

namespace tessera::simulator {

void HandleEmbed(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);
void HandleOldEmbeddings(Simulation& simulation, const std::shared_ptr<Exchange>& exchange);

// A vector of length 1 that depends on `text` only; different texts point in different directions.
std::vector<float> EmbeddingOf(std::string_view text, int dimensions);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_EMBED_HANDLER_H_
