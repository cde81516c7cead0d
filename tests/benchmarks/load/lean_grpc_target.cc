// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/load/lean_grpc_target.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <tessera/inference/v1/inference_service.pb.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "cli/bench/load/grpc_target.h"
#include "common/http/unique_fd.h"
#include "tests/benchmarks/load/http2_connection.h"

namespace tessera::testing {
namespace {

namespace api = inference::v1;
using bench::Exchange;

constexpr char kService[] = "/tessera.inference.v1.InferenceService/";

std::string ToMessage(const bench::LoadQuestion& question) {
  api::GenerateRequest request = bench::ToGenerateRequest(question);
  if (!question.stream) return request.SerializeAsString();
  api::StreamGenerateRequest first;
  *first.mutable_start() = std::move(request);
  return first.SerializeAsString();
}

class LeanGrpcTarget : public bench::Target {
 public:
  LeanGrpcTarget(const std::string& address, const bench::LoadQuestion& question, int connections)
      : stream_(question.stream),
        body_(std::make_shared<const std::string>(ToGrpcFrame(ToMessage(question)))) {
    for (int i = 0; i < connections; ++i) {
      connections_.push_back(std::make_unique<Http2Connection>(
          address, std::string(kService) + (stream_ ? "StreamGenerate" : "Generate")));
    }
    thread_ = std::thread([this] { Run(); });
  }

  ~LeanGrpcTarget() override {
    closing_ = true;
    Wake();
    thread_.join();
  }

  void Send(Exchange exchange) override {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = exchanges_.empty();
      exchanges_.push_back(std::move(exchange));
    }
    if (first) Wake();
  }

 private:
  void Wake() const {
    const uint64_t one = 1;
    (void)!write(wake_.get(), &one, sizeof one);
  }

  void Watch(int fd, uint32_t events, Http2Connection* connection) const {
    epoll_event event{.events = events, .data = {.ptr = connection}};
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  }

  void BeginAll() {
    uint64_t ignored = 0;
    (void)!read(wake_.get(), &ignored, sizeof ignored);
    std::vector<Exchange> exchanges;
    {
      const std::lock_guard lock(mutex_);
      exchanges.swap(exchanges_);
    }
    for (Exchange& exchange : exchanges) {
      Http2Connection& connection = *connections_[next_++ % connections_.size()];
      connection.Begin(ToCall(std::move(exchange)));
      connection.Flush();
    }
  }

  std::unique_ptr<Http2Call> ToCall(Exchange exchange) const {
    auto call = std::make_unique<Http2Call>();
    call->body = body_;
    call->on_message = [this, on_piece = std::move(exchange.on_piece)](std::string_view message) {
      const auto size = static_cast<int>(message.size());
      if (!stream_) {
        // Read as any client would, whether somebody wants to see it or not.
        api::GenerateResponse().ParseFromArray(message.data(), size);
        return;
      }
      api::StreamGenerateResponse event;
      event.ParseFromArray(message.data(), size);
      if (event.has_text() && on_piece) on_piece(event.text().text());
    };
    call->on_done = std::move(exchange.on_done);
    return call;
  }

  void Run() {
    Watch(wake_.get(), EPOLLIN, nullptr);
    for (const auto& connection : connections_) {
      // Heard of once each time it changes, so that nothing has to be switched on and off.
      Watch(connection->fd(), uint32_t{EPOLLIN} | EPOLLOUT | EPOLLET, connection.get());
    }
    std::array<epoll_event, 256> events;
    while (!closing_) {
      const int count = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        auto* const connection = static_cast<Http2Connection*>(events[i].data.ptr);
        if (connection == nullptr) {
          BeginAll();
        } else {
          if ((events[i].events & ~uint32_t{EPOLLOUT}) != 0) connection->Receive();
          connection->Flush();
        }
      }
    }
  }

  const bool stream_;
  const std::shared_ptr<const std::string> body_;
  const UniqueFd wake_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  const UniqueFd epoll_{epoll_create1(EPOLL_CLOEXEC)};
  std::atomic<bool> closing_ = false;
  std::mutex mutex_;
  std::vector<Exchange> exchanges_;
  // The thread's own.
  std::vector<std::unique_ptr<Http2Connection>> connections_;
  size_t next_ = 0;

  std::thread thread_;
};

}  // namespace

std::unique_ptr<bench::Target> MakeLeanGrpcTarget(const std::string& address,
                                                  const bench::LoadQuestion& question,
                                                  int connections) {
  return std::make_unique<LeanGrpcTarget>(address, question, connections);
}

}  // namespace tessera::testing
