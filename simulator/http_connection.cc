// SPDX-License-Identifier: Apache-2.0
#include "simulator/http_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace tessera::simulator {
namespace {

constexpr size_t kReadBytes = size_t{64} * 1024;
// What a client may send ahead while its request is being answered.
constexpr size_t kMaxPipelinedBytes = size_t{256} * 1024;

}  // namespace

HttpConnection::HttpConnection(EventLoop* loop, int fd, size_t max_body_bytes,
                               RequestFactory factory,
                               std::function<void(HttpConnection*)> on_closed)
    : loop_(loop),
      fd_(fd),
      parser_(max_body_bytes),
      factory_(std::move(factory)),
      on_closed_(std::move(on_closed)) {
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  watched_ = EPOLLIN | EPOLLRDHUP;
  loop_->Watch(fd_, watched_, this);
}

HttpConnection::~HttpConnection() {
  if (fd_ >= 0) {
    loop_->Unwatch(fd_, this);
    close(fd_);
  }
  loop_->CancelTimer(gap_timer_);
}

void HttpConnection::SetDelivery(const Delivery& delivery) {
  delivery_ = delivery;
  cut_.seed(static_cast<std::minstd_rand::result_type>(delivery.seed));
}

void HttpConnection::Send(std::string_view bytes) {
  if (fd_ < 0 || bytes.empty()) {
    return;
  }
  if (unsent() == 0 && !delivery_.cuts()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    if (bytes.empty()) {
      return;
    }
    // A failed send shows up as an event too; the peer's going is handled there, in one place.
  }
  out_.append(bytes);
  was_above_high_water_ = was_above_high_water_ || AboveHighWater();
  if (delivery_.cuts()) {
    if (gap_timer_ == 0) {
      FlushPaced();
    }
  } else {
    UpdateWatch();
  }
}

void HttpConnection::FinishAnswer(bool keep_connection) {
  ending_ = keep_connection ? Ending::kNextRequest : Ending::kClose;
  if (unsent() == 0) {
    AfterFlush();
  }
}

void HttpConnection::ResetWhenDrained() {
  ending_ = Ending::kReset;
  if (unsent() == 0) {
    AfterFlush();
  }
}

void HttpConnection::ResetNow() {
  if (auto in_flight = std::exchange(in_flight_, nullptr)) {
    in_flight->OnAnswered(/*whole=*/false);
  }
  CloseSocket(/*with_reset=*/true);
}

void HttpConnection::OnReady(uint32_t events) {
  if (fd_ < 0) {
    return;
  }
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    PeerGone();
    return;
  }
  if ((events & EPOLLOUT) != 0) {
    Flush();
  }
  if (fd_ >= 0 && (events & EPOLLIN) != 0) {
    Read();
  } else if (fd_ >= 0 && (events & EPOLLRDHUP) != 0) {
    PeerGone();
  }
}

void HttpConnection::Read() {
  const size_t old_size = in_.size();
  in_.resize(old_size + kReadBytes);
  const ssize_t got = recv(fd_, in_.data() + old_size, kReadBytes, 0);
  in_.resize(old_size + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got > 0) {
    ParseInput();
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    // A half-closed connection counts as gone, as it does for Ollama.
    PeerGone();
  }
}

void HttpConnection::ParseInput() {
  if (parsing_) {
    return;
  }
  parsing_ = true;
  size_t used = 0;
  while (fd_ >= 0 && !request_complete_) {
    size_t consumed = 0;
    const auto event = parser_.Feed(std::string_view(in_).substr(used), &consumed);
    used += consumed;
    if (event == HttpRequestParser::Event::kNeedMore && consumed == 0) {
      break;
    }
    switch (event) {
      case HttpRequestParser::Event::kNeedMore:
        break;
      case HttpRequestParser::Event::kHead:
        in_flight_ = factory_(*this);
        if (in_flight_->OnHead()) {
          parser_.StreamBody();
        }
        if (parser_.request().expects_continue) {
          Send("HTTP/1.1 100 Continue\r\n\r\n");
        }
        break;
      case HttpRequestParser::Event::kBody:
        if (in_flight_ != nullptr) {
          in_flight_->OnBodyPart(parser_.body_part());
        }
        break;
      case HttpRequestParser::Event::kComplete:
        request_complete_ = true;
        // The answer may be finished, and the connection closed, inside this call.
        if (auto in_flight = in_flight_) {
          in_flight->OnRequest();
        }
        break;
      case HttpRequestParser::Event::kMalformed:
        request_complete_ = true;
        Send(
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Connection: close\r\n\r\n400 Bad Request");
        FinishAnswer(/*keep_connection=*/false);
        break;
    }
  }
  parsing_ = false;
  in_.erase(0, used);
  UpdateWatch();
}

void HttpConnection::Flush() {
  if (!delivery_.cuts() && WriteSome(unsent())) {
    if (was_above_high_water_ && unsent() < kHighWaterBytes / 2) {
      was_above_high_water_ = false;
      if (auto in_flight = in_flight_) {
        in_flight->OnDrained();
      }
    }
    UpdateWatch();
    AfterFlush();
  }
}

void HttpConnection::FlushPaced() {
  gap_timer_ = 0;
  if (fd_ < 0) {
    return;
  }
  size_t limit = delivery_.segment_bytes;
  if (delivery_.random_cuts) {
    limit = 1 + cut_() % delivery_.segment_bytes;
  }
  if (!WriteSome(std::min(limit, unsent()))) {
    return;
  }
  if (was_above_high_water_ && unsent() < kHighWaterBytes / 2) {
    was_above_high_water_ = false;
    if (auto in_flight = in_flight_) {
      in_flight->OnDrained();
    }
  }
  if (unsent() > 0) {
    gap_timer_ =
        loop_->At(std::chrono::steady_clock::now() + delivery_.gap, [this] { FlushPaced(); });
  } else {
    AfterFlush();
  }
}

bool HttpConnection::WriteSome(size_t limit) {
  if (limit > 0) {
    const ssize_t sent = send(fd_, out_.data() + out_offset_, limit, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      // The socket reports the same error as an event; the peer's going is handled there only, so
      // that no caller of Send loses its request underneath itself.
      out_.clear();
      out_offset_ = 0;
      return false;
    }
    out_offset_ += static_cast<size_t>(std::max<ssize_t>(sent, 0));
  }
  if (out_offset_ == out_.size()) {
    out_.clear();
    out_offset_ = 0;
  } else if (out_offset_ > kHighWaterBytes) {
    out_.erase(0, out_offset_);
    out_offset_ = 0;
  }
  return true;
}

void HttpConnection::AfterFlush() {
  if (ending_ == Ending::kNone || unsent() > 0 || fd_ < 0) {
    return;
  }
  const Ending ending = std::exchange(ending_, Ending::kNone);
  if (auto in_flight = std::exchange(in_flight_, nullptr)) {
    in_flight->OnAnswered(ending != Ending::kReset);
  }
  if (ending == Ending::kNextRequest && request_complete_) {
    parser_.Reset();
    SetDelivery(Delivery());
    request_complete_ = false;
    if (!in_.empty()) {
      ParseInput();
    }
  } else {
    CloseSocket(ending == Ending::kReset);
  }
}

void HttpConnection::PeerGone() {
  if (auto in_flight = std::exchange(in_flight_, nullptr)) {
    in_flight->OnClientGone();
  }
  CloseSocket(/*with_reset=*/false);
}

void HttpConnection::CloseSocket(bool with_reset) {
  if (fd_ < 0) {
    return;
  }
  if (with_reset) {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
  loop_->Unwatch(fd_, this);
  close(fd_);
  fd_ = -1;
  loop_->CancelTimer(gap_timer_);
  gap_timer_ = 0;
  on_closed_(this);
}

void HttpConnection::UpdateWatch() {
  if (fd_ < 0) {
    return;
  }
  uint32_t wanted = EPOLLRDHUP;
  if (in_.size() < kMaxPipelinedBytes) {
    wanted |= EPOLLIN;
  }
  if (unsent() > 0 && !delivery_.cuts()) {
    wanted |= EPOLLOUT;
  }
  if (wanted != watched_) {
    watched_ = wanted;
    loop_->Rewatch(fd_, wanted, this);
  }
}

}  // namespace tessera::simulator
