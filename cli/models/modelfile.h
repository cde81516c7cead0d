// SPDX-License-Identifier: Apache-2.0
//
// Modelfiles: what a model is made from and which parameters are fixed in it, as text.
#ifndef TESSERA_CLI_MODELS_MODELFILE_H_
#define TESSERA_CLI_MODELS_MODELFILE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::cli {

struct Modelfile {
  std::vector<std::string> from;                                // A model, or files; in order.
  std::vector<std::string> adapters;                            // Files.
  std::vector<std::pair<std::string, std::string>> parameters;  // In order; "stop" may repeat.
  std::string template_text;
  std::string system;
  std::vector<std::string> licenses;
  std::vector<std::pair<std::string, std::string>> messages;  // Role and text.
  std::string renderer;
  std::string parser;
  std::vector<std::string> ignored;  // Instructions without effect here.
};

// Instructions are case-insensitive, one per line; a value may stand in double quotes, or between
// lines of three; "#" begins a comment line. INVALID_ARGUMENT naming the line that is wrong.
absl::StatusOr<Modelfile> ParseModelfile(std::string_view text);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_MODELFILE_H_
