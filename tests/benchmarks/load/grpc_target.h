// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_BENCHMARKS_LOAD_GRPC_TARGET_H_
#define TESSERA_TESTS_BENCHMARKS_LOAD_GRPC_TARGET_H_

#include <memory>
#include <string>

#include "tests/benchmarks/load/target.h"

namespace tessera::testing {

// tessera.inference.v1.InferenceService at `address`, over `connections` connections in turn.
// A question that wants pieces is a StreamGenerate, another one a Generate.
std::unique_ptr<Target> MakeGrpcTarget(const std::string& address, const Question& question,
                                       int connections);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_BENCHMARKS_LOAD_GRPC_TARGET_H_
