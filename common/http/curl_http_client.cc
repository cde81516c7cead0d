// SPDX-License-Identifier: Apache-2.0
#include "common/http/curl_http_client.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/http/curl_call_mailbox.h"
#include "common/http/curl_handles.h"
#include "common/http/curl_multi_loop.h"
#include "common/http/curl_transfer.h"
#include "common/http/curl_transfer_errors.h"
#include "common/http/deadline_queue.h"
#include "common/http/http_errors.h"
#include "common/http/http_request_check.h"
#include "common/http/monotonic_time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera {
namespace {

// Enough for a burst; each spare handle costs about six kilobytes.
constexpr size_t kMaxSpareHandles = 64;

class CurlHttpClient final : public HttpClient {
 public:
  CurlHttpClient(CurlHttpClientOptions options, std::shared_ptr<CurlCallMailbox> mailbox,
                 std::unique_ptr<CurlMultiLoop> loop);
  ~CurlHttpClient() override;

  std::shared_ptr<HttpCall> Start(HttpRequest request,
                                  std::shared_ptr<HttpResponseSink> sink) override;
  HttpClientStats stats() const override;

 private:
  struct OpenCall {
    std::shared_ptr<CurlHttpCall> call;
    std::unique_ptr<CurlTransfer> transfer;
  };

  void Run();
  void Take(CurlCallMailbox::Content content);
  void Begin(CurlCallMailbox::Start start);
  absl::Status TryBegin(CurlCallMailbox::Start& start);
  void Complete(CURL* easy, CURLcode code);
  void End(CurlTransfer& transfer, const absl::Status& status, bool reuse_handle);
  void EndWithoutTransfer(const CurlCallMailbox::Start& start, const absl::Status& status);
  void UpdateConnectionLimit();
  void CloseEverything();
  CurlEasyPtr TakeHandle();

  const CurlHttpClientOptions options_;
  const std::shared_ptr<CurlCallMailbox> mailbox_;
  CurlTransferContext context_;
  std::atomic<int64_t> active_{0};

  // Below: I/O thread only.
  std::unique_ptr<CurlMultiLoop> loop_;
  CurlTransfer::Deadlines deadlines_;
  std::unordered_map<CurlTransfer*, OpenCall> open_;
  std::vector<CurlEasyPtr> spare_handles_;

  std::thread thread_;
};

CurlHttpClient::CurlHttpClient(CurlHttpClientOptions options,
                               std::shared_ptr<CurlCallMailbox> mailbox,
                               std::unique_ptr<CurlMultiLoop> loop)
    : options_(std::move(options)), mailbox_(std::move(mailbox)), loop_(std::move(loop)) {
  context_.user_agent = options_.user_agent;
  context_.ca_file = options_.ca_file;
  // Signals belong to the threads that expect them; this also spares TLS writes a SIGPIPE.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

CurlHttpClient::~CurlHttpClient() {
  mailbox_->Close();
  thread_.join();
}

std::shared_ptr<HttpCall> CurlHttpClient::Start(HttpRequest request,
                                                std::shared_ptr<HttpResponseSink> sink) {
  auto call = std::make_shared<CurlHttpCall>(mailbox_);
  absl::Status admission;
  if (active_.fetch_add(1) >= options_.max_active_transfers) {
    admission = MakeError(absl::StatusCode::kResourceExhausted, kHttpTooManyTransfers,
                          fmt::format("the HTTP client carries {} exchanges already, its limit",
                                      options_.max_active_transfers),
                          {.metadata = {{"limit", std::to_string(options_.max_active_transfers)}}});
  }
  mailbox_->PostStart(
      {std::move(request), std::move(sink), call, MonotonicNow(), std::move(admission)});
  return call;
}

HttpClientStats CurlHttpClient::stats() const {
  return {.connections_opened = context_.connections_opened,
          .connections_reused = context_.connections_reused,
          .stale_connection_retries = context_.stale_connection_retries,
          .active_transfers = active_};
}

void CurlHttpClient::Run() {
  pthread_setname_np(pthread_self(), "tessera-http");
  while (true) {
    CurlCallMailbox::Content content = mailbox_->TakeAll();
    const bool closing = content.closing;
    Take(std::move(content));
    if (closing) break;
    const absl::Time now = MonotonicNow();
    while (CurlTransfer* due = deadlines_.PopDue(now)) {
      if (absl::Status limit = due->CheckLimits(now); !limit.ok()) End(*due, limit, false);
    }
    loop_->RunOnce([this] { return deadlines_.next(); },
                   [this](CURL* easy, CURLcode code) { Complete(easy, code); });
  }
  CloseEverything();
}

void CurlHttpClient::Take(CurlCallMailbox::Content content) {
  for (CurlCallMailbox::Start& start : content.starts) Begin(std::move(start));
  for (const std::shared_ptr<CurlHttpCall>& call : content.cancels) {
    if (call->transfer != nullptr)
      End(*call->transfer, CancelledError(call->transfer->progress()), false);
  }
  for (const std::shared_ptr<CurlHttpCall>& call : content.resumes) {
    if (call->transfer != nullptr) call->transfer->ResumeBody();
  }
}

void CurlHttpClient::Begin(CurlCallMailbox::Start start) {
  if (absl::Status status = TryBegin(start); !status.ok()) {
    if (start.call->transfer != nullptr) {
      End(*start.call->transfer, status, false);
    } else {
      EndWithoutTransfer(start, status);
    }
  }
}

absl::Status CurlHttpClient::TryBegin(CurlCallMailbox::Start& start) {
  TESSERA_RETURN_IF_ERROR(start.admission);
  TESSERA_RETURN_IF_ERROR(CheckHttpRequest(start.request));
  TESSERA_ASSIGN_OR_RETURN(std::string endpoint, EndpointOf(start.request.url));
  auto transfer = std::make_unique<CurlTransfer>(std::move(start.request), std::move(endpoint),
                                                 std::move(start.sink), start.started,
                                                 start.call->cancelled(), context_, deadlines_);
  CurlTransfer* const opened = transfer.get();
  start.call->transfer = opened;
  open_[opened] = {start.call, std::move(transfer)};
  UpdateConnectionLimit();
  if (start.call->cancelled()) return CancelledError(opened->progress());
  TESSERA_RETURN_IF_ERROR(opened->Prepare(TakeHandle()));
  return loop_->Add(opened->easy());
}

void CurlHttpClient::Complete(CURL* easy, CURLcode code) {
  CurlTransfer* const transfer = CurlTransfer::Of(easy);
  const absl::Status outcome = transfer->Outcome(code);
  End(*transfer, outcome, /*reuse_handle=*/code == CURLE_OK);
}

void CurlHttpClient::End(CurlTransfer& transfer, const absl::Status& status, bool reuse_handle) {
  if (transfer.easy() != nullptr) loop_->Remove(transfer.easy());
  OpenCall ended = std::move(open_.extract(&transfer).mapped());
  ended.call->transfer = nullptr;
  UpdateConnectionLimit();
  --active_;
  transfer.Finish(status);
  CurlEasyPtr easy = transfer.TakeEasy();
  // A handle that failed may hold on to traces of the failure.
  if (reuse_handle && spare_handles_.size() < kMaxSpareHandles) {
    // Forgets every pointer into the transfer.
    curl_easy_reset(easy.get());
    spare_handles_.push_back(std::move(easy));
  }
}

void CurlHttpClient::UpdateConnectionLimit() {
  // What is to be limited is idle connections, what libcurl limits is all of them, at the moment
  // when a transfer ends; that one's connection is counted already and becomes an idle one.
  loop_->LimitOpenConnections(options_.max_idle_connections + static_cast<int64_t>(open_.size()) -
                              1);
}

void CurlHttpClient::EndWithoutTransfer(const CurlCallMailbox::Start& start,
                                        const absl::Status& status) {
  --active_;
  start.sink->OnDone(status, {.total = MonotonicNow() - start.started});
}

void CurlHttpClient::CloseEverything() {
  // Sinks may have started more from their OnDone; their calls end here like all others.
  while (true) {
    while (!open_.empty()) {
      CurlTransfer& transfer = *open_.begin()->first;
      End(transfer, ClientClosedError(transfer.progress()), false);
    }
    CurlCallMailbox::Content content = mailbox_->TakeAll();
    if (content.starts.empty()) break;
    Take(std::move(content));
  }
  spare_handles_.clear();
  loop_.reset();
}

CurlEasyPtr CurlHttpClient::TakeHandle() {
  if (spare_handles_.empty()) return CurlEasyPtr(curl_easy_init());
  CurlEasyPtr handle = std::move(spare_handles_.back());
  spare_handles_.pop_back();
  return handle;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpClient>> MakeCurlHttpClient(CurlHttpClientOptions options) {
  if (options.max_idle_connections < 1) return InvalidField("max_idle_connections", "must be >= 1");
  if (options.max_active_transfers < 1) return InvalidField("max_active_transfers", "must be >= 1");
  EnsureCurlIsInitialised();
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) {
    return MakeError(absl::StatusCode::kInternal, kHttpClientFailure,
                     fmt::format("the HTTP client cannot run: eventfd: {}", std::strerror(errno)));
  }
  auto mailbox = std::make_shared<CurlCallMailbox>(wake_fd);
  TESSERA_ASSIGN_OR_RETURN(std::unique_ptr<CurlMultiLoop> loop, CurlMultiLoop::Make(wake_fd));
  return std::make_unique<CurlHttpClient>(std::move(options), std::move(mailbox), std::move(loop));
}

}  // namespace tessera
