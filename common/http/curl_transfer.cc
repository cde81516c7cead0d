// SPDX-License-Identifier: Apache-2.0
#include "common/http/curl_transfer.h"

#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "common/http/http_errors.h"
#include "common/http/monotonic_time.h"
#include "common/status/error.h"

namespace tessera {
namespace {

constexpr int64_t kMaxHeadBytes = int64_t{64} << 10;
// Probes a silent connection, so that a peer that vanished without a FIN is noticed even where no
// time limit is set.
constexpr long kTcpKeepAliveSeconds = 30;
// Bodies that come from a source are large: fewer, larger writes.
constexpr long kSourceBufferBytes = 256 << 10;

long ToCurlMilliseconds(absl::Duration duration) {
  // libcurl takes zero for "my default", which is five minutes.
  const absl::Duration most = absl::Milliseconds(std::numeric_limits<int32_t>::max());
  return static_cast<long>(absl::ToInt64Milliseconds(
      std::clamp(absl::Ceil(duration, absl::Milliseconds(1)), absl::Milliseconds(1), most)));
}

bool IsMethodWithBody(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

// Closes with a reset where bytes of ours are still on their way: the transfer was ended early, and
// an orderly close would let the system go on offering them to a server that does not read them,
// hiding the end of the connection behind them.
int CloseSocket(void*, curl_socket_t fd) {
  int unsent_bytes = 0;
  if (ioctl(fd, SIOCOUTQ, &unsent_bytes) == 0 && unsent_bytes > 0) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
  return close(fd);
}

absl::Duration SinceStart(absl::Time started, absl::Time point) {
  return point == absl::InfinitePast() ? absl::ZeroDuration() : point - started;
}

}  // namespace

CurlTransfer::CurlTransfer(HttpRequest request, std::string endpoint,
                           std::shared_ptr<HttpResponseSink> sink, absl::Time started,
                           const std::atomic<bool>& cancelled, CurlTransferContext& context,
                           Deadlines& deadlines)
    : request_(std::move(request)),
      endpoint_(std::move(endpoint)),
      sink_(std::move(sink)),
      started_(started),
      total_deadline_(started + request_.limits.total),
      cancelled_(cancelled),
      context_(context),
      deadlines_(deadlines) {}

CurlTransfer::~CurlTransfer() { deadlines_.Remove(this); }

CurlTransfer* CurlTransfer::Of(CURL* easy) {
  char* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  return reinterpret_cast<CurlTransfer*>(transfer);
}

template <typename T>
void CurlTransfer::Set(CURLoption option, T value) {
  const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
  if (set_code_ == CURLE_OK) set_code_ = code;
}

absl::Status CurlTransfer::Prepare(CurlEasyPtr easy) {
  easy_ = std::move(easy);
  if (easy_ == nullptr) {
    return MakeError(absl::StatusCode::kInternal, kHttpClientFailure,
                     "the HTTP client found no memory for a transfer");
  }
  curl_easy_reset(easy_.get());
  Set(CURLOPT_PRIVATE, static_cast<void*>(this));
  Set(CURLOPT_ERRORBUFFER, error_text_.data());
  Set(CURLOPT_URL, request_.url.c_str());
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_NOPROXY, "*");
  Set(CURLOPT_USERAGENT, context_.user_agent.c_str());
  if (!context_.ca_file.empty()) Set(CURLOPT_CAINFO, context_.ca_file.c_str());
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_TCP_NODELAY, 1L);
  Set(CURLOPT_TCP_KEEPALIVE, 1L);
  Set(CURLOPT_TCP_KEEPIDLE, kTcpKeepAliveSeconds);
  Set(CURLOPT_TCP_KEEPINTVL, kTcpKeepAliveSeconds);
  // Ending a transfer whose host name is still being looked up must not wait for the resolver.
  Set(CURLOPT_QUICK_EXIT, 1L);
  Set(CURLOPT_CONNECTTIMEOUT_MS, ToCurlMilliseconds(request_.limits.connect));
  SetMethodAndBody();
  SetHeaders();
  SetCallbacks();
  if (set_code_ != CURLE_OK) {
    return MakeError(absl::StatusCode::kInternal, kHttpClientFailure,
                     fmt::format("the HTTP client cannot prepare a request to {}: {}", endpoint_,
                                 curl_easy_strerror(set_code_)),
                     {.metadata = {{"endpoint", endpoint_}}});
  }
  last_progress_ = MonotonicNow();
  deadlines_.ArmNoLaterThan(this, NextDeadline());
  return absl::OkStatus();
}

void CurlTransfer::SetMethodAndBody() {
  if (request_.method == "HEAD") {
    Set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.body_source != nullptr) {
    Set(CURLOPT_POST, 1L);
    Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body_source->bytes()));
    Set(CURLOPT_READFUNCTION, &OnBodyWanted);
    Set(CURLOPT_READDATA, static_cast<void*>(this));
    Set(CURLOPT_UPLOAD_BUFFERSIZE, kSourceBufferBytes);
    Set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    // What a dead connection of the pool had swallowed could not be read again.
    Set(CURLOPT_FRESH_CONNECT, 1L);
    return;
  }
  if (!body().empty() || IsMethodWithBody(request_.method)) {
    // Not copied, and libcurl can send it again by itself when a pooled connection proves dead.
    Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body().size()));
    Set(CURLOPT_POSTFIELDS, body().data());
  }
  if (request_.method != "GET" || !body().empty()) {
    Set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
}

void CurlTransfer::SetHeaders() {
  bool out_of_memory = false;
  auto append = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    out_of_memory |= longer == nullptr;
    if (longer != nullptr && headers_ == nullptr) headers_.reset(longer);
  };
  // Waiting for "100 Continue" would cost a round trip, or a second with servers that never say it.
  append("Expect:");
  bool has_content_type = false;
  for (const auto& [name, value] : request_.headers) {
    has_content_type |= absl::EqualsIgnoreCase(name, "content-type");
    // A header without a value is spelt with a semicolon here; a colon would remove it.
    append(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  if (!has_content_type) append("Content-Type:");
  if (out_of_memory) set_code_ = CURLE_OUT_OF_MEMORY;
  Set(CURLOPT_HTTPHEADER, headers_.get());
}

void CurlTransfer::SetCallbacks() {
  Set(CURLOPT_CLOSESOCKETFUNCTION, &CloseSocket);
  Set(CURLOPT_PREREQFUNCTION, &OnConnected);
  Set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  Set(CURLOPT_NOPROGRESS, 0L);
  Set(CURLOPT_XFERINFOFUNCTION, &OnProgress);
  Set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
  Set(CURLOPT_HEADERFUNCTION, &OnHeaderLine);
  Set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  Set(CURLOPT_WRITEFUNCTION, &OnBody);
  Set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

int CurlTransfer::OnConnected(void* self, char*, char*, int, int) {
  auto* transfer = static_cast<CurlTransfer*>(self);
  if (transfer->cancelled_) return CURL_PREREQFUNC_ABORT;
  long connects = 0;
  curl_easy_getinfo(transfer->easy_.get(), CURLINFO_NUM_CONNECTS, &connects);
  transfer->connection_reused_ = connects == transfer->connects_seen_;
  transfer->connects_seen_ = connects;
  CurlTransferContext& context = transfer->context_;
  ++(transfer->connection_reused_ ? context.connections_reused : context.connections_opened);
  if (++transfer->attempts_ > 1) ++context.stale_connection_retries;
  // Should this connection prove to be a dead one of the pool, the second try gets a fresh one:
  // another of the pool may be just as dead, and a fresh one is never retried.
  curl_easy_setopt(transfer->easy_.get(), CURLOPT_FRESH_CONNECT, 1L);
  transfer->body_bytes_sent_ = 0;
  transfer->connected_at_ = MonotonicNow();
  transfer->EnterPhase(Phase::kAwaitingAnswer, transfer->connected_at_);
  return CURL_PREREQFUNC_OK;
}

int CurlTransfer::OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
  auto* transfer = static_cast<CurlTransfer*>(self);
  if (transfer->phase_ == Phase::kAwaitingAnswer && sent != transfer->body_bytes_sent_) {
    transfer->body_bytes_sent_ = sent;
    transfer->last_progress_ = MonotonicNow();
  }
  return transfer->cancelled_ ? 1 : 0;
}

size_t CurlTransfer::OnBodyWanted(char* to, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<CurlTransfer*>(self);
  if (transfer->cancelled_) return CURL_READFUNC_ABORT;
  const absl::StatusOr<size_t> bytes = transfer->request_.body_source->Read(to, size * count);
  if (!bytes.ok()) {
    transfer->refusal_ = bytes.status();
    return CURL_READFUNC_ABORT;
  }
  transfer->body_paused_ = *bytes == 0;
  return transfer->body_paused_ ? CURL_READFUNC_PAUSE : *bytes;
}

void CurlTransfer::ResumeBody() {
  if (!std::exchange(body_paused_, false)) return;
  curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
}

size_t CurlTransfer::OnHeaderLine(char* line, size_t size, size_t count, void* self) {
  const size_t bytes = size * count;
  return static_cast<CurlTransfer*>(self)->AcceptHeaderLine({line, bytes}) ? bytes : bytes + 1;
}

size_t CurlTransfer::OnBody(char* bytes, size_t size, size_t count, void* self) {
  const size_t length = size * count;
  return static_cast<CurlTransfer*>(self)->AcceptBody({bytes, length}) ? length : length + 1;
}

bool CurlTransfer::AcceptHeaderLine(std::string_view line) {
  if (cancelled_) return false;
  last_progress_ = MonotonicNow();
  if (phase_ != Phase::kReceiving) {
    first_byte_at_ = last_progress_;
    EnterPhase(Phase::kReceiving, last_progress_);
  }
  head_bytes_ += static_cast<int64_t>(line.size());
  if (head_bytes_ > kMaxHeadBytes) {
    refusal_ = TooLargeError(progress(), "head of the answer", kMaxHeadBytes);
    return false;
  }
  // After the head these are the trailers of a chunked body.
  if (head_delivered_ || (line != "\r\n" && line != "\n")) return true;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200) return true;
  char* content_type = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_TYPE, &content_type);
  head_delivered_ = true;
  // libcurl gives up sending after an error, but not while the body is paused.
  if (status >= 300) ResumeBody();
  sink_->OnHead({static_cast<int>(status), content_type == nullptr ? "" : content_type});
  return !cancelled_;
}

bool CurlTransfer::AcceptBody(std::string_view bytes) {
  if (cancelled_) return false;
  last_progress_ = MonotonicNow();
  if (static_cast<int64_t>(bytes.size()) > request_.limits.max_response_bytes - body_bytes_) {
    refusal_ = TooLargeError(progress(), "answer", request_.limits.max_response_bytes);
    return false;
  }
  body_bytes_ += static_cast<int64_t>(bytes.size());
  refusal_ = sink_->OnData(bytes);
  return refusal_.ok() && !cancelled_;
}

void CurlTransfer::EnterPhase(Phase phase, absl::Time now) {
  phase_ = phase;
  last_progress_ = now;
  deadlines_.ArmNoLaterThan(this, NextDeadline());
}

absl::Time CurlTransfer::PhaseDeadline() const {
  switch (phase_) {
    case Phase::kConnecting:
      return absl::InfiniteFuture();  // libcurl watches this one, also on a second try
    case Phase::kAwaitingAnswer:
      return last_progress_ + request_.limits.first_byte;
    case Phase::kReceiving:
      return last_progress_ + request_.limits.idle;
  }
  return absl::InfiniteFuture();
}

absl::Time CurlTransfer::NextDeadline() const { return std::min(total_deadline_, PhaseDeadline()); }

absl::Status CurlTransfer::CheckLimits(absl::Time now) {
  const HttpLimits& limits = request_.limits;
  if (total_deadline_ <= now) return TotalTimeoutError(progress(), limits.total);
  if (PhaseDeadline() > now) {
    deadlines_.ArmNoLaterThan(this, NextDeadline());
    return absl::OkStatus();
  }
  if (phase_ == Phase::kAwaitingAnswer) {
    return FirstByteTimeoutError(progress(), limits.first_byte);
  }
  return IdleTimeoutError(progress(), limits.idle);
}

absl::Status CurlTransfer::Outcome(CURLcode code) const {
  if (code == CURLE_OK && head_delivered_) return absl::OkStatus();
  if (code == CURLE_OK) return ConnectionResetError(progress(), "it ended inside the head");
  if (cancelled_) return CancelledError(progress());
  if (!refusal_.ok()) return refusal_;
  // No other time limit is libcurl's business.
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return ConnectTimeoutError(progress(), request_.limits.connect);
  }
  return CurlFailureError(progress(), easy_.get(), code, error_text_.data());
}

HttpStats CurlTransfer::Stats() const {
  HttpStats stats;
  stats.connection_reused = connection_reused_;
  stats.connect = SinceStart(started_, connected_at_);
  stats.first_byte = SinceStart(started_, first_byte_at_);
  stats.total = MonotonicNow() - started_;
  if (easy_ != nullptr) {
    curl_off_t sent = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &sent);
    stats.bytes_sent = sent;
  }
  stats.bytes_received = body_bytes_;
  return stats;
}

void CurlTransfer::Finish(const absl::Status& status) {
  deadlines_.Remove(this);
  sink_->OnDone(status, Stats());
}

}  // namespace tessera
