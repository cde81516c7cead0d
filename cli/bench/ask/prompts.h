// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_ASK_PROMPTS_H_
#define TESSERA_CLI_BENCH_ASK_PROMPTS_H_

#include <cstdint>
#include <string>

namespace tessera::bench {

// A prompt of `words` words that asks for a long text. Two numbers give two texts that differ from
// their first word on, so no engine answers one from what it kept of the other.
std::string MakePrompt(int words, uint64_t number);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_ASK_PROMPTS_H_
