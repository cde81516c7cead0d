// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_SCHEMA_SCHEMA_CHECK_H_
#define TESSERA_SERVICES_INFERENCE_SCHEMA_SCHEMA_CHECK_H_

#include <optional>
#include <string>
#include <string_view>

#include "services/inference/schema/schema_program.h"

namespace tessera::inference {

// The first fault that is found in `json`, as JsonSchema::FaultOf. Gives up, which is a fault,
// after about a million comparisons.
std::optional<std::string> CheckAgainst(const SchemaProgram& program, std::string_view json);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEMA_SCHEMA_CHECK_H_
