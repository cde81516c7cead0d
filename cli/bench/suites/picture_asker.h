// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_SUITES_PICTURE_ASKER_H_
#define TESSERA_CLI_BENCH_SUITES_PICTURE_ASKER_H_

#include <string>
#include <vector>

#include "cli/bench/ask/asker.h"
#include "cli/bench/suites/suite.h"

namespace tessera::bench {

// One classification and what was measured of it.
struct Classified {
  std::string label;
  std::optional<double> confidence;
  Answer answer;  // Its text is the label; there is no first token.
};

// Has `picture`, a file, classified at the front door. Ends with the flag.
Classified ClassifyPicture(Bench& bench, const std::string& picture,
                           const std::vector<std::string>& labels,
                           const image::v1::ImageOptions& options);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_SUITES_PICTURE_ASKER_H_
