// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_GLOBAL_OPTIONS_H_
#define TESSERA_CLI_GLOBAL_OPTIONS_H_

#include <string>

#include "absl/time/time.h"

namespace tessera::cli {

// What every command takes.
struct GlobalOptions {
  std::string address = "127.0.0.1:7000";      // The front door.
  std::string inference_address;               // The GPU host's door, for `health`; may be empty.
  absl::Duration timeout = absl::Seconds(60);  // Of one request.
  bool timeout_given = false;                  // On the command line or in the environment.
  bool json = false;
  bool timings = false;
  bool verbose = false;
  bool no_color = false;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_GLOBAL_OPTIONS_H_
