// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMAND_LINE_H_
#define TESSERA_CLI_COMMAND_LINE_H_

namespace tessera::cli {

// The whole program: reads the arguments, runs the command they name, returns the exit code of the
// process. Call once, before any thread exists.
int RunCommandLine(int argc, const char* const* argv);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMAND_LINE_H_
