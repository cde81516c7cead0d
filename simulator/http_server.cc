// SPDX-License-Identifier: Apache-2.0
#include "simulator/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/concurrency/notification.h"
#include "common/status/error.h"
#include "simulator/text.h"

namespace tessera::simulator {

// Accepts on the first loop and deals connections out in turn.
class HttpServer::Acceptor : public IoHandler {
 public:
  Acceptor(HttpServer* server, int fd) : server_(server), fd_(fd) {
    server_->first_loop().Watch(fd_, EPOLLIN, this);
  }
  ~Acceptor() override {
    server_->first_loop().Unwatch(fd_, this);
    close(fd_);
  }

  void OnReady(uint32_t) override {
    // As many as are waiting: a load generator opens hundreds at once.
    for (;;) {
      const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        return;
      }
      Worker& worker = *server_->workers_[server_->accepted_++ % server_->workers_.size()];
      HttpServer* const server = server_;
      if (worker.loop->InThisThread()) {
        server->Adopt(worker, fd);
      } else {
        worker.loop->Post([server, &worker, fd] { server->Adopt(worker, fd); });
      }
    }
  }

 private:
  HttpServer* const server_;
  const int fd_;
};

HttpServer::HttpServer(Options options, Journal* journal, RequestRouter* router)
    : options_(std::move(options)), journal_(journal), router_(router) {
  for (int i = 0; i < std::max(1, options_.io_threads); ++i) {
    workers_.push_back(std::make_unique<Worker>());
    workers_.back()->loop = std::make_unique<EventLoop>();
  }
}

HttpServer::~HttpServer() { Stop(); }

absl::Status HttpServer::Bind() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_ != 0 ? port_ : options_.port);
  if (inet_pton(AF_INET, options_.address.c_str(), &address.sin_addr) != 1) {
    return InvalidField("address", Concat("\"", options_.address, "\" is no IPv4 address"));
  }
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  socklen_t length = sizeof(address);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd, 4096) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    const int error = errno;
    close(fd);
    return MakeError(absl::StatusCode::kUnavailable, "LISTEN_FAILED",
                     Concat("cannot listen on ", options_.address, ":", options_.port, ": ",
                            std::strerror(error)));
  }
  port_ = ntohs(address.sin_port);
  listen_fd_ = fd;
  return absl::OkStatus();
}

absl::Status HttpServer::Start() {
  if (absl::Status bound = Bind(); !bound.ok()) {
    return bound;
  }
  acceptor_ = std::make_unique<Acceptor>(this, listen_fd_);
  running_ = true;
  for (auto& worker : workers_) {
    worker->thread = std::thread([loop = worker->loop.get()] { loop->Run(); });
  }
  return absl::OkStatus();
}

void HttpServer::Stop() {
  if (!running_.exchange(false)) {
    return;
  }
  for (auto& worker : workers_) {
    worker->loop->Stop();
  }
  for (auto& worker : workers_) {
    worker->thread.join();
  }
  acceptor_.reset();
  for (auto& worker : workers_) {
    worker->connections.clear();
  }
}

void HttpServer::StopListening() {
  RunOn(first_loop(), [this] { acceptor_.reset(); });
}

absl::Status HttpServer::ResumeListening() {
  absl::Status status = absl::OkStatus();
  RunOn(first_loop(), [&] {
    if (acceptor_ == nullptr) {
      status = Bind();
      if (status.ok()) {
        acceptor_ = std::make_unique<Acceptor>(this, listen_fd_);
      }
    }
  });
  return status;
}

void HttpServer::ResetConnections() {
  for (auto& worker : workers_) {
    RunOn(*worker->loop, [&] {
      std::vector<HttpConnection*> open;
      for (const auto& [connection, owner] : worker->connections) {
        open.push_back(connection);
      }
      for (HttpConnection* connection : open) {
        connection->ResetNow();
      }
    });
  }
}

void HttpServer::Adopt(Worker& worker, int fd) {
  uint64_t number = 0;
  journal_->Count([&](Counters& counters) {
    number = ++counters.connections_accepted;
    ++counters.connections_open;
  });
  auto factory = [this, number](HttpConnection& connection) {
    return std::make_shared<Exchange>(&connection, number, journal_, router_);
  };
  auto on_closed = [this, &worker](HttpConnection* connection) {
    journal_->Count([](Counters& counters) { --counters.connections_open; });
    // Not at once: the connection is on the stack below.
    worker.loop->Post([&worker, connection] { worker.connections.erase(connection); });
  };
  auto connection = std::make_unique<HttpConnection>(worker.loop.get(), fd, options_.max_body_bytes,
                                                     std::move(factory), std::move(on_closed));
  worker.connections.emplace(connection.get(), std::move(connection));
}

void HttpServer::RunOn(EventLoop& loop, const std::function<void()>& task) {
  if (!running_) {
    return;
  }
  if (loop.InThisThread()) {
    task();
    return;
  }
  Notification done;
  loop.Post([&] {
    task();
    done.Notify();
  });
  done.Wait();
}

}  // namespace tessera::simulator
