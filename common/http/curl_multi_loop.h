// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_CURL_MULTI_LOOP_H_
#define TESSERA_COMMON_HTTP_CURL_MULTI_LOOP_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/curl_handles.h"
#include "common/http/unique_fd.h"

namespace tessera {

// Drives a libcurl multi handle with epoll: the cost of a turn depends on the sockets that have
// something to say, not on how many are open.
//
// Used by one thread at a time, except for the eventfd it is woken through.
class CurlMultiLoop {
 public:
  using CompletionHandler = std::function<void(CURL*, CURLcode)>;

  // `wake_fd`, an eventfd that is not owned and outlives the loop, ends a wait when it is written.
  static absl::StatusOr<std::unique_ptr<CurlMultiLoop>> Make(int wake_fd);

  ~CurlMultiLoop();
  CurlMultiLoop(const CurlMultiLoop&) = delete;
  CurlMultiLoop& operator=(const CurlMultiLoop&) = delete;

  // Begins the transfer of a prepared easy handle, which must stay alive until Remove().
  absl::Status Add(CURL* easy);

  // Ends a transfer. If it was not complete its socket is closed before this returns. Must not be
  // called from a libcurl callback.
  void Remove(CURL* easy);

  // A connection whose transfer ends while more than this many are open, used and idle together,
  // closes the one that has been idle longest.
  void LimitOpenConnections(int64_t connections);

  // Lets libcurl do what is due, waits for sockets, libcurl's timer, the eventfd or `until` (of the
  // monotonic clock; asked just before), lets libcurl work, and calls `on_complete` for each
  // transfer that has ended, which must Remove() it.
  void RunOnce(absl::FunctionRef<absl::Time()> until, const CompletionHandler& on_complete);

 private:
  CurlMultiLoop(int wake_fd, int epoll_fd, CurlMultiPtr multi);

  // Lets libcurl work on one socket, or on its timer, and tells what that completed.
  void Act(curl_socket_t fd, int action, const CompletionHandler& on_complete);
  static int OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void* registered);
  static int OnTimer(CURLM* multi, long timeout_ms, void* self);
  int WaitMilliseconds(absl::Time until) const;
  void DrainWakeFd() const;

  const int wake_fd_;
  UniqueFd epoll_fd_;
  absl::Time curl_timer_ = absl::InfiniteFuture();
  // Declared last: its destruction still calls OnSocket.
  CurlMultiPtr multi_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_CURL_MULTI_LOOP_H_
