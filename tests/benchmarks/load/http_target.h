// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_BENCHMARKS_LOAD_HTTP_TARGET_H_
#define TESSERA_TESTS_BENCHMARKS_LOAD_HTTP_TARGET_H_

#include <memory>
#include <string>

#include "common/http/http_client.h"
#include "tests/benchmarks/load/target.h"

namespace tessera::testing {

enum class HttpDialect {
  kOllama,  // /api/chat, always streamed, as tessera-inference asks too.
  kOpenAi,  // /v1/chat/completions, which gateways for many vendors speak.
};

// `url` without a path.
std::unique_ptr<Target> MakeHttpTarget(const std::string& url, HttpDialect dialect,
                                       const Question& question);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_BENCHMARKS_LOAD_HTTP_TARGET_H_
