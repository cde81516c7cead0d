// SPDX-License-Identifier: Apache-2.0
//
// One declaration makes a flag, an environment variable and a config file entry.
#ifndef TESSERA_COMMON_RPC_FLAGS_H_
#define TESSERA_COMMON_RPC_FLAGS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace tessera {

// Wraps a CLI::App: `--max-queued` of a program with prefix TESSERA_PREPROCESS can also be given
// as TESSERA_PREPROCESS_MAX_QUEUED, or as `max-queued = 64` in the file named by --config. A flag
// wins over the environment, which wins over the file. An entry of the file that is no flag is an
// error, as is a file that cannot be read.
class Flags {
 public:
  Flags(std::string description, std::string env_prefix);

  // Adds an option; its present value is the default shown by --help.
  template <typename T>
  CLI::Option* Add(std::string_view name, T& value, std::string_view help) {
    return Named(
        app_.add_option(std::string(name), value, std::string(help))->capture_default_str(), name);
  }
  // A duration such as 30m, 1h30m, 250ms; 0 or more.
  CLI::Option* Add(std::string_view name, absl::Duration& value, std::string_view help);
  CLI::Option* AddSwitch(std::string_view name, bool& value, std::string_view help);

  // Parses. Returns -1 to go on; otherwise the process's exit code (0 after --help or --version),
  // everything having been printed, the bad flag named.
  int Parse(int argc, const char* const* argv, std::string_view version);

  CLI::App& app() { return app_; }

 private:
  CLI::Option* Named(CLI::Option* option, std::string_view name);

  CLI::App app_;
  const std::string env_prefix_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_FLAGS_H_
