// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C: the call in flight is cancelled, so that the server and the engine stop working for it.
#ifndef TESSERA_CLI_INTERRUPT_H_
#define TESSERA_CLI_INTERRUPT_H_

#include <grpcpp/client_context.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "cli/exit_code.h"

namespace tessera::cli {

// Takes SIGINT and SIGTERM for the whole process. Make one, before any other thread exists, and
// let it live as long as the process. Thread-safe.
//
// With a call in flight the first signal cancels it, and the command ends in its own way; with
// none, or at the second signal, the process ends at once with the signal's exit code. A signal
// that was ignored from the start (nohup) stays ignored.
class Interrupt {
 public:
  // `before_exit` runs before the process is ended from here, on a thread of its own: it leaves
  // the terminal tidy. It must not wait for anything.
  explicit Interrupt(std::function<void()> before_exit);
  ~Interrupt();

  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // kExitInterrupted or kExitTerminated once a signal came; kExitOk before.
  ExitCode exit_code() const { return exit_code_; }
  bool raised() const { return exit_code_ != kExitOk; }

  // Makes `call` the one in flight until Release. A signal that came before cancels it at once.
  void Guard(grpc::ClientContext* call);
  void Release();

 private:
  void Run();
  void OnSignal(int signal_number);

  const std::function<void()> before_exit_;
  int signal_fd_ = -1;
  int stop_fd_ = -1;
  std::atomic<ExitCode> exit_code_ = kExitOk;
  std::mutex mutex_;
  grpc::ClientContext* call_ = nullptr;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_INTERRUPT_H_
