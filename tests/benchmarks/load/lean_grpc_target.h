// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_BENCHMARKS_LOAD_LEAN_GRPC_TARGET_H_
#define TESSERA_TESTS_BENCHMARKS_LOAD_LEAN_GRPC_TARGET_H_

#include <memory>
#include <string>

#include "cli/bench/load/target.h"

namespace tessera::testing {

// What bench::MakeGrpcTarget() is, without gRPC's C++ client: nghttp2 on one thread, so that what
// is measured is the server. `address` is a numeric host and a port. Exits when nobody listens.
std::unique_ptr<bench::Target> MakeLeanGrpcTarget(const std::string& address,
                                                  const bench::LoadQuestion& question,
                                                  int connections);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_BENCHMARKS_LOAD_LEAN_GRPC_TARGET_H_
