// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_VIEW_FIGURE_TEXT_H_
#define TESSERA_CLI_BENCH_VIEW_FIGURE_TEXT_H_

#include <string>

#include "cli/bench/record/record.h"

namespace tessera::bench {

// A number with as many digits as are worth reading: "12,345", "345.2", "3.21", "0.0123".
std::string FigureText(double value);

// "0.998 [0.995, 1.001], goal 0.995: met".
std::string FindingText(const Finding& finding);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_VIEW_FIGURE_TEXT_H_
