// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_EXPERIMENT_SERIES_H_
#define TESSERA_CLI_EXPERIMENT_SERIES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::cli {

struct ExperimentSide {
  std::string model;
  double answered = 0;
  double failed = 0;
  double seconds = 0;
  double output_tokens = 0;
};

struct ExperimentView {
  std::string name;
  std::vector<ExperimentSide> sides;      // Both models, by name.
  std::map<std::string, double> shadows;  // By result; empty for a split.
};

// The experiments on a page of metrics in Prometheus' text format, by name. Lines that are no
// series of an experiment are skipped.
std::vector<ExperimentView> ReadExperiments(std::string_view page);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_EXPERIMENT_SERIES_H_
