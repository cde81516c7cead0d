// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_SCHEMA_SCHEMA_COMPILER_H_
#define TESSERA_SERVICES_INFERENCE_SCHEMA_SCHEMA_COMPILER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "services/inference/schema/schema_program.h"

namespace tessera::inference {

// Takes `document` apart. INVALID_ARGUMENT, saying where and what, for anything but a schema that
// JsonSchema describes. `document` must not be nested deeper than the stack allows.
absl::StatusOr<std::unique_ptr<SchemaProgram>> CompileSchema(const OrderedJson& document);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEMA_SCHEMA_COMPILER_H_
