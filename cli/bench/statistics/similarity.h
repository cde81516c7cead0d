// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_STATISTICS_SIMILARITY_H_
#define TESSERA_CLI_BENCH_STATISTICS_SIMILARITY_H_

#include <string_view>

namespace tessera::bench {

// How alike two texts are, from 0 to 1: one minus the words that have to be changed, added or
// dropped to make one the other, by the length of the longer. Words are parted by white space;
// at most the first 2,000 of each count. Two empty texts are alike.
double WordSimilarity(std::string_view first, std::string_view second);

// Share of the fields of two JSON texts that agree: leaves by their path, equal values. 0 where one
// of them is no JSON, 1 where both have no leaves.
double JsonAgreement(std::string_view first, std::string_view second);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_STATISTICS_SIMILARITY_H_
