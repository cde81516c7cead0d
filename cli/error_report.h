// SPDX-License-Identifier: Apache-2.0
//
// An error as people read it, and as programs do.
#ifndef TESSERA_CLI_ERROR_REPORT_H_
#define TESSERA_CLI_ERROR_REPORT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "cli/terminal/ink.h"

namespace tessera::cli {

// What was being done.
struct FailedAction {
  std::string what;        // "classify photo.jpg".
  std::string request_id;  // Empty when nothing was sent.
};

// One block: what failed, code, reason, message, fields at fault, what to do, when to retry. Texts
// from servers are made safe for a terminal. `with_metadata` adds what ErrorInfo carries.
std::string ErrorBlock(const absl::Status& error, const FailedAction& action, const Pen& pen,
                       bool with_metadata);

// {"error": {"what", "code", "reason", "message", "advice", "exitCode", ...}}.
nlohmann::ordered_json ErrorDocument(const absl::Status& error, const FailedAction& action);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_ERROR_REPORT_H_
