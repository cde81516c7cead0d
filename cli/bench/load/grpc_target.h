// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_LOAD_GRPC_TARGET_H_
#define TESSERA_CLI_BENCH_LOAD_GRPC_TARGET_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <memory>
#include <string>

#include "cli/bench/load/target.h"

namespace tessera::bench {

// What both kinds of a gRPC call ask: one user's message, with the cache off.
inference::v1::GenerateRequest ToGenerateRequest(const LoadQuestion& question);

// tessera.inference.v1.InferenceService at `address`, over `connections` connections in turn.
// A question that wants pieces is a StreamGenerate, another one a Generate.
std::unique_ptr<Target> MakeGrpcTarget(const std::string& address, const LoadQuestion& question,
                                       int connections);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_LOAD_GRPC_TARGET_H_
