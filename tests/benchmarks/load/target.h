// SPDX-License-Identifier: Apache-2.0
//
// Who answers requests in a benchmark: an engine, a gateway, or the least that a gateway can be.
#ifndef TESSERA_TESTS_BENCHMARKS_LOAD_TARGET_H_
#define TESSERA_TESTS_BENCHMARKS_LOAD_TARGET_H_

#include <functional>
#include <string>
#include <string_view>

namespace tessera::testing {

// Hears one exchange, on any thread.
struct Exchange {
  // Each piece of an answer as it arrives; unset where pieces are of no interest.
  std::function<void(std::string_view bytes)> on_piece;
  // Once, last.
  std::function<void(bool ok)> on_done;
};

// What is asked. The simulator's directives stand in the prompt.
struct Question {
  std::string prompt = "hello";
  std::string picture;  // JPEG, at most one; empty: none.
  bool stream = false;  // Pieces are wanted.
};

// Thread-safe.
class Target {
 public:
  virtual ~Target() = default;
  // Sends the question that the target was made with, once.
  virtual void Send(Exchange exchange) = 0;
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_BENCHMARKS_LOAD_TARGET_H_
