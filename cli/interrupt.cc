// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

namespace tessera::cli {
namespace {

bool IsIgnored(int signal_number) {
  struct sigaction action {};
  return sigaction(signal_number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Interrupt::Interrupt(std::function<void()> before_exit) : before_exit_(std::move(before_exit)) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal_number : {SIGINT, SIGTERM}) {
    if (!IsIgnored(signal_number)) sigaddset(&signals, signal_number);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal_fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
  stop_fd_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { Run(); });
}

Interrupt::~Interrupt() {
  const uint64_t one = 1;
  (void)!write(stop_fd_, &one, sizeof one);
  thread_.join();
  close(signal_fd_);
  close(stop_fd_);
}

void Interrupt::Guard(grpc::ClientContext* call) {
  std::lock_guard lock(mutex_);
  call_ = call;
  if (raised()) call_->TryCancel();
}

void Interrupt::Release() {
  std::lock_guard lock(mutex_);
  call_ = nullptr;
}

void Interrupt::Run() {
  pollfd watched[] = {{.fd = signal_fd_, .events = POLLIN, .revents = 0},
                      {.fd = stop_fd_, .events = POLLIN, .revents = 0}};
  while (true) {
    if (poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents != 0) return;
    signalfd_siginfo received;
    if (read(signal_fd_, &received, sizeof received) == sizeof received) {
      OnSignal(static_cast<int>(received.ssi_signo));
    }
  }
}

void Interrupt::OnSignal(int signal_number) {
  const ExitCode code = signal_number == SIGINT ? kExitInterrupted : kExitTerminated;
  // The second time nothing is tidied up any more: what hangs may be the terminal itself.
  if (exit_code_.exchange(code) != kExitOk) _exit(code);
  {
    std::lock_guard lock(mutex_);
    if (call_ != nullptr) {
      call_->TryCancel();
      return;
    }
  }
  before_exit_();
  _exit(code);
}

}  // namespace tessera::cli
