// SPDX-License-Identifier: Apache-2.0
//
// Who answers requests in a benchmark: an engine, a gateway, or the least that a gateway can be.
#ifndef TESSERA_CLI_BENCH_LOAD_TARGET_H_
#define TESSERA_CLI_BENCH_LOAD_TARGET_H_

#include <functional>
#include <string>
#include <string_view>

namespace tessera::bench {

// Hears one exchange, on any thread.
struct Exchange {
  // Each piece of an answer as it arrives; unset where pieces are of no interest.
  std::function<void(std::string_view bytes)> on_piece;
  // Once, last.
  std::function<void(bool ok)> on_done;
};

// What is asked. The simulator's directives stand in the prompt.
struct LoadQuestion {
  std::string prompt = "hello";
  std::string picture;  // JPEG, at most one; empty: none.
  bool stream = false;  // Pieces are wanted.
  std::string model;    // Empty: the server's default.
  int max_tokens = 0;   // 0: the server's default.
  // The picture is sent as a file, which the front door prepares, not as a prepared one.
  bool picture_is_file = false;
};

// Thread-safe.
class Target {
 public:
  virtual ~Target() = default;
  // Sends the question that the target was made with, once.
  virtual void Send(Exchange exchange) = 0;
  // Ends what is in flight; each exchange still hears that it is done.
  virtual void CancelAll() {}
};

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_LOAD_TARGET_H_
