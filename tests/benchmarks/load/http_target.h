// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_BENCHMARKS_LOAD_HTTP_TARGET_H_
#define TESSERA_TESTS_BENCHMARKS_LOAD_HTTP_TARGET_H_

#include <memory>
#include <string>

#include "cli/bench/load/target.h"
#include "common/http/http_client.h"

namespace tessera::testing {

using bench::Exchange;
using bench::LoadQuestion;
using bench::Target;

enum class HttpDialect {
  kOllama,  // /api/chat, always streamed, as tessera-inference asks too.
  kOpenAi,  // /v1/chat/completions, which gateways for many vendors speak.
};

// `url` without a path.
std::unique_ptr<Target> MakeHttpTarget(const std::string& url, HttpDialect dialect,
                                       const LoadQuestion& question);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_BENCHMARKS_LOAD_HTTP_TARGET_H_
