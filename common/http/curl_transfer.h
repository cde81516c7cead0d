// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_CURL_TRANSFER_H_
#define TESSERA_COMMON_HTTP_CURL_TRANSFER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/http/curl_handles.h"
#include "common/http/curl_transfer_errors.h"
#include "common/http/deadline_queue.h"
#include "common/http/http_client.h"

namespace tessera {

// What every transfer of one client has in common. Outlives the transfers.
struct CurlTransferContext {
  std::string user_agent;
  // A PEM file of trusted authorities; empty for the system's.
  std::string ca_file;
  std::atomic<int64_t> connections_opened{0};
  std::atomic<int64_t> connections_reused{0};
  std::atomic<int64_t> stale_connection_retries{0};
};

// One exchange on the I/O thread: the easy handle, its callbacks, its limits and its outcome.
// Lives on the I/O thread only, except for `cancelled`.
class CurlTransfer {
 public:
  using Deadlines = DeadlineQueue<CurlTransfer>;

  // `started` is the monotonic time of HttpClient::Start(). `cancelled`, `context` and `deadlines`
  // outlive the transfer.
  CurlTransfer(HttpRequest request, std::string endpoint, std::shared_ptr<HttpResponseSink> sink,
               absl::Time started, const std::atomic<bool>& cancelled, CurlTransferContext& context,
               Deadlines& deadlines);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // The transfer behind a handle that Prepare() was called with.
  static CurlTransfer* Of(CURL* easy);

  // Takes a handle, new or used before, and sets every option of this exchange on it.
  absl::Status Prepare(CurlEasyPtr easy);

  CURL* easy() const { return easy_.get(); }
  CurlEasyPtr TakeEasy() { return std::move(easy_); }

  // Asks the body source again, if it was found empty.
  void ResumeBody();

  // OK while no limit has passed; then the deadline queue holds the next time to look.
  absl::Status CheckLimits(absl::Time now);

  // What a transfer that libcurl ended with `code` comes to.
  absl::Status Outcome(CURLcode code) const;

  // For the errors of a transfer that is ended from outside.
  HttpTransferProgress progress() const { return {endpoint_, head_delivered_, body_bytes_}; }

  // Calls OnDone. The last use of a transfer.
  void Finish(const absl::Status& status);

 private:
  enum class Phase { kConnecting, kAwaitingAnswer, kReceiving };

  template <typename T>
  void Set(CURLoption option, T value);
  const std::string& body() const {
    return request_.shared_body != nullptr ? *request_.shared_body : request_.body;
  }
  void SetMethodAndBody();
  void SetHeaders();
  void SetCallbacks();

  static int OnConnected(void* self, char*, char*, int, int);
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent);
  static size_t OnBodyWanted(char* to, size_t size, size_t count, void* self);
  static size_t OnHeaderLine(char* line, size_t size, size_t count, void* self);
  static size_t OnBody(char* bytes, size_t size, size_t count, void* self);

  // False ends the transfer.
  bool AcceptHeaderLine(std::string_view line);
  bool AcceptBody(std::string_view bytes);

  void EnterPhase(Phase phase, absl::Time now);
  absl::Time PhaseDeadline() const;
  absl::Time NextDeadline() const;
  HttpStats Stats() const;

  const HttpRequest request_;
  const std::string endpoint_;
  const std::shared_ptr<HttpResponseSink> sink_;
  const absl::Time started_;
  const absl::Time total_deadline_;
  const std::atomic<bool>& cancelled_;
  CurlTransferContext& context_;
  Deadlines& deadlines_;

  std::array<char, CURL_ERROR_SIZE> error_text_{};
  CurlHeadersPtr headers_;
  CurlEasyPtr easy_;
  CURLcode set_code_ = CURLE_OK;

  Phase phase_ = Phase::kConnecting;
  // When this phase last made headway.
  absl::Time last_progress_;
  curl_off_t body_bytes_sent_ = 0;
  bool body_paused_ = false;
  int attempts_ = 0;
  long connects_seen_ = 0;
  bool head_delivered_ = false;
  int64_t head_bytes_ = 0;
  int64_t body_bytes_ = 0;
  // Why one of our own callbacks ended the transfer.
  absl::Status refusal_;

  bool connection_reused_ = false;
  absl::Time connected_at_ = absl::InfinitePast();
  absl::Time first_byte_at_ = absl::InfinitePast();
};

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_CURL_TRANSFER_H_
