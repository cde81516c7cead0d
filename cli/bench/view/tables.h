// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_VIEW_TABLES_H_
#define TESSERA_CLI_BENCH_VIEW_TABLES_H_

#include <string>

#include "cli/bench/record/record.h"
#include "cli/terminal/ink.h"

namespace tessera::bench {

// A suite as a person reads it on a terminal: checks, measurements, findings, notes.
std::string SuiteTables(const SuiteRecord& suite, const cli::Pen& pen);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_VIEW_TABLES_H_
