// SPDX-License-Identifier: Apache-2.0
//
// Early return on error, for functions that return absl::Status or absl::StatusOr<T>.
#ifndef TESSERA_COMMON_STATUS_STATUS_MACROS_H_
#define TESSERA_COMMON_STATUS_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Evaluates an absl::Status and returns it from the enclosing function unless it is OK.
#define TESSERA_RETURN_IF_ERROR(expression)                                 \
  do {                                                                      \
    if (absl::Status tessera_status = (expression); !tessera_status.ok()) { \
      return tessera_status;                                                \
    }                                                                       \
  } while (false)

#define TESSERA_CONCAT_INNER(a, b) a##b
#define TESSERA_CONCAT(a, b) TESSERA_CONCAT_INNER(a, b)

// TESSERA_ASSIGN_OR_RETURN(declaration_or_lvalue, status_or_expression)
#define TESSERA_ASSIGN_OR_RETURN(lhs, expression) \
  TESSERA_ASSIGN_OR_RETURN_INNER(TESSERA_CONCAT(tessera_or_, __LINE__), lhs, expression)
#define TESSERA_ASSIGN_OR_RETURN_INNER(result, lhs, expression) \
  auto result = (expression);                                   \
  if (!result.ok()) {                                           \
    return std::move(result).status();                          \
  }                                                             \
  lhs = *std::move(result)

#endif  // TESSERA_COMMON_STATUS_STATUS_MACROS_H_
