// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_VIEW_HTML_PAGE_H_
#define TESSERA_CLI_BENCH_VIEW_HTML_PAGE_H_

#include <string>

#include "cli/bench/record/record.h"

namespace tessera::bench {

// The report as one page that needs nothing else: no script, no font, no request. Readable in light
// and dark, as the reader's system is set, and printed.
std::string HtmlPage(const Report& report);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_VIEW_HTML_PAGE_H_
