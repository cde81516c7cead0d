// SPDX-License-Identifier: Apache-2.0
#include "common/http/curl_multi_loop.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "common/http/http_errors.h"
#include "common/http/monotonic_time.h"
#include "common/status/error.h"

namespace tessera {
namespace {

constexpr int kEventsPerTurn = 128;

absl::Status Failure(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, kHttpClientFailure,
                   fmt::format("the HTTP client cannot run: {}", what));
}

}  // namespace

absl::StatusOr<std::unique_ptr<CurlMultiLoop>> CurlMultiLoop::Make(int wake_fd) {
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) return Failure(fmt::format("epoll_create1: {}", std::strerror(errno)));
  CurlMultiPtr multi(curl_multi_init());
  std::unique_ptr<CurlMultiLoop> loop(new CurlMultiLoop(wake_fd, epoll_fd, std::move(multi)));
  if (loop->multi_ == nullptr) return Failure("curl_multi_init found no memory");
  epoll_event event{.events = EPOLLIN, .data = {.fd = wake_fd}};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, wake_fd, &event) != 0) {
    return Failure(fmt::format("epoll_ctl: {}", std::strerror(errno)));
  }
  return loop;
}

CurlMultiLoop::CurlMultiLoop(int wake_fd, int epoll_fd, CurlMultiPtr multi)
    : wake_fd_(wake_fd), epoll_fd_(epoll_fd), multi_(std::move(multi)) {
  if (multi_ == nullptr) return;
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &OnSocket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &OnTimer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, long{CURLPIPE_NOTHING});
}

CurlMultiLoop::~CurlMultiLoop() = default;

absl::Status CurlMultiLoop::Add(CURL* easy) {
  const CURLMcode code = curl_multi_add_handle(multi_.get(), easy);
  return code == CURLM_OK ? absl::OkStatus() : Failure(curl_multi_strerror(code));
}

void CurlMultiLoop::Remove(CURL* easy) { curl_multi_remove_handle(multi_.get(), easy); }

void CurlMultiLoop::LimitOpenConnections(int64_t connections) {
  const int64_t most = std::numeric_limits<int32_t>::max();
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS,
                    static_cast<long>(std::clamp<int64_t>(connections, 1, most)));
}

void CurlMultiLoop::RunOnce(absl::FunctionRef<absl::Time()> until,
                            const CompletionHandler& on_complete) {
  // First, since this is also how libcurl begins transfers.
  if (curl_timer_ <= MonotonicNow()) {
    curl_timer_ = absl::InfiniteFuture();
    Act(CURL_SOCKET_TIMEOUT, 0, on_complete);
  }
  std::array<epoll_event, kEventsPerTurn> events;
  const int ready =
      epoll_wait(epoll_fd_.get(), events.data(), kEventsPerTurn, WaitMilliseconds(until()));
  for (int i = 0; i < ready; ++i) {
    const int fd = events[i].data.fd;
    if (fd == wake_fd_) {
      DrainWakeFd();
      continue;
    }
    int action = 0;
    if (events[i].events & EPOLLIN) action |= CURL_CSELECT_IN;
    if (events[i].events & EPOLLOUT) action |= CURL_CSELECT_OUT;
    // Told as "readable and writable", so that the next recv() or send() yields the real error.
    if (events[i].events & (EPOLLERR | EPOLLHUP)) action |= CURL_CSELECT_IN | CURL_CSELECT_OUT;
    // A socket that an earlier event of this turn has closed is unknown by now and ignored.
    Act(fd, action, on_complete);
  }
}

void CurlMultiLoop::Act(curl_socket_t fd, int action, const CompletionHandler& on_complete) {
  int running = 0;
  curl_multi_socket_action(multi_.get(), fd, action, &running);
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    // The message dies with Remove().
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;
    on_complete(easy, code);
  }
}

int CurlMultiLoop::OnSocket(CURL*, curl_socket_t fd, int what, void* self, void* registered) {
  auto* loop = static_cast<CurlMultiLoop*>(self);
  if (what == CURL_POLL_REMOVE) {
    // libcurl may have closed the socket already, which took it out of epoll.
    epoll_ctl(loop->epoll_fd_.get(), EPOLL_CTL_DEL, fd, nullptr);
    return 0;
  }
  epoll_event event{.events = 0, .data = {.fd = fd}};
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  const int operation = registered == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(loop->epoll_fd_.get(), operation, fd, &event) != 0) return -1;
  if (registered == nullptr) curl_multi_assign(loop->multi_.get(), fd, self);
  return 0;
}

int CurlMultiLoop::OnTimer(CURLM*, long timeout_ms, void* self) {
  static_cast<CurlMultiLoop*>(self)->curl_timer_ =
      timeout_ms < 0 ? absl::InfiniteFuture() : MonotonicNow() + absl::Milliseconds(timeout_ms);
  return 0;
}

int CurlMultiLoop::WaitMilliseconds(absl::Time until) const {
  const absl::Time wake = std::min(until, curl_timer_);
  if (wake == absl::InfiniteFuture()) return -1;
  const absl::Duration wait = wake - MonotonicNow();
  if (wait <= absl::ZeroDuration()) return 0;
  // Rounded up: waking early would mean turning without work until the time has come.
  const int64_t milliseconds = absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1)));
  return static_cast<int>(std::min<int64_t>(milliseconds, std::numeric_limits<int>::max()));
}

void CurlMultiLoop::DrainWakeFd() const {
  uint64_t count = 0;
  (void)!read(wake_fd_, &count, sizeof(count));
}

}  // namespace tessera
