// SPDX-License-Identifier: Apache-2.0
//
// What the process's exit code says. The table is also in --help and in README.md.
#ifndef TESSERA_CLI_EXIT_CODE_H_
#define TESSERA_CLI_EXIT_CODE_H_

namespace tessera::cli {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,         // The server refused the request, or failed.
  kExitUsage = 2,          // The command line is wrong; nothing was sent.
  kExitUnreachable = 3,    // Nobody answers at the address, or the connection was lost.
  kExitDeadline = 4,       // No answer in time.
  kExitNotServing = 5,     // `health`: the server answers, but does not serve.
  kExitFile = 6,           // A local file or stream could not be read or written.
  kExitInterrupted = 130,  // Ctrl-C (SIGINT).
  kExitTerminated = 143,   // SIGTERM.
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_EXIT_CODE_H_
