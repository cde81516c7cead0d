// SPDX-License-Identifier: Apache-2.0
//
// What Ollama's failures to fetch, make and store models mean to a caller. Everything else about
// its errors is in services/inference/engine/engine_errors.h.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_MANAGEMENT_ERRORS_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_MANAGEMENT_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"

namespace tessera::inference {

// Maps the text of an {"error": "..."} reply or line. `http_status` as in engine_errors.h.
//   no space left                        RESOURCE_EXHAUSTED   ENGINE_DISK_FULL
//   manifest ... does not exist          NOT_FOUND            MODEL_NOT_IN_REGISTRY
//   lookup, dial, i/o timeout, TLS       UNAVAILABLE          REGISTRY_UNREACHABLE
//   digest mismatch                      DATA_LOSS            MODEL_FILES_DAMAGED
//   requires a newer version             FAILED_PRECONDITION  ENGINE_TOO_OLD
//   only supported for F16 ...           FAILED_PRECONDITION  QUANTIZATION_SOURCE
//   unsupported quantization type        INVALID_ARGUMENT     QUANTIZATION_UNKNOWN
//   blob ... not found                   FAILED_PRECONDITION  BLOB_MISSING
//   unknown type, unsupported arch.      FAILED_PRECONDITION  MODEL_FILES_UNSUPPORTED
//   anything else                        as StatusFromEngineError says
absl::Status StatusFromManagementError(int http_status, std::string_view text);

// The same for a whole reply whose status is not 2xx.
absl::Status StatusFromManagementReply(int http_status, std::string_view body);

// PERMISSION_DENIED, reason MODEL_ADMIN_DISABLED.
absl::Status AdminDisabledError();

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_MANAGEMENT_ERRORS_H_
