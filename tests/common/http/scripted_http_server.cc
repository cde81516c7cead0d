// SPDX-License-Identifier: Apache-2.0
#include "tests/common/http/scripted_http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <tuple>
#include <utility>

namespace tessera {
namespace {

void Require(bool condition, const char* what) {
  if (condition) return;
  perror(what);
  std::abort();
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// Binds to a free port and returns {socket, port}.
std::pair<int, int> Bind() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Require(fd >= 0, "socket");
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  Require(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  Require(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  return {fd, ntohs(address.sin_port)};
}

}  // namespace

long ScriptedConnection::Receive() {
  if (fd_ < 0) return 0;
  std::array<char, 65536> bytes;
  const ssize_t count = recv(fd_, bytes.data(), bytes.size(), 0);
  if (count > 0) unread_.append(bytes.data(), static_cast<size_t>(count));
  return count;
}

std::optional<ScriptedRequest> ScriptedConnection::ReadRequest() {
  size_t head_end;
  while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (Receive() <= 0) return std::nullopt;
  }
  ScriptedRequest request{.head = unread_.substr(0, head_end)};
  size_t body_size = 0;
  if (const size_t at = request.head.find("Content-Length: "); at != std::string::npos) {
    body_size = std::strtoul(request.head.c_str() + at + 16, nullptr, 10);
  }
  while (unread_.size() < head_end + 4 + body_size) {
    if (Receive() <= 0) return std::nullopt;
  }
  request.body = unread_.substr(head_end + 4, body_size);
  unread_.erase(0, head_end + 4 + body_size);
  return request;
}

bool ScriptedConnection::Send(std::string_view bytes) {
  while (!bytes.empty() && fd_ >= 0) {
    const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return fd_ >= 0;
}

bool ScriptedConnection::SendAnswer(std::string_view body, std::string_view status_line) {
  return Send(fmt::format("{}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}",
                          status_line, body.size(), body));
}

PeerEnd ScriptedConnection::WaitForPeerEnd() {
  while (true) {
    unread_.clear();
    const long count = Receive();
    if (count > 0) continue;
    if (count == 0) return PeerEnd::kClosed;
    return errno == ECONNRESET ? PeerEnd::kReset : PeerEnd::kStillThere;
  }
}

size_t ScriptedConnection::ReadSome() {
  const long count = Receive();
  unread_.clear();
  return count > 0 ? static_cast<size_t>(count) : 0;
}

bool ScriptedConnection::PeerStaysFor(absl::Duration pause) {
  pollfd watched{.fd = fd_, .events = POLLRDHUP, .revents = 0};
  return poll(&watched, 1, static_cast<int>(absl::ToInt64Milliseconds(pause))) == 0;
}

void ScriptedConnection::Close() {
  MutexLock lock(&mutex_);
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void ScriptedConnection::Reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  Close();
}

void ScriptedConnection::ShutDownFromOutside() {
  MutexLock lock(&mutex_);
  if (fd_ >= 0) shutdown(fd_, SHUT_RDWR);
}

struct ScriptedHttpServer::Session {
  Session(int fd, int number) : connection(fd, number) {}

  ScriptedConnection connection;
  std::thread thread;
};

ScriptedHttpServer::ScriptedHttpServer(Script script) : script_(std::move(script)) {
  std::tie(listener_, port_) = Bind();
  Require(listen(listener_, SOMAXCONN) == 0, "listen");
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedHttpServer::~ScriptedHttpServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  MutexLock lock(&mutex_);
  for (Session& session : sessions_) session.connection.ShutDownFromOutside();
  for (Session& session : sessions_) session.thread.join();
}

void ScriptedHttpServer::Accept() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    const timeval limit{.tv_sec = absl::ToInt64Seconds(kPatience), .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    MutexLock lock(&mutex_);
    Session& session = sessions_.emplace_back(fd, static_cast<int>(sessions_.size()) + 1);
    session.thread = std::thread([this, &session] {
      script_(session.connection);
      session.connection.Close();
    });
  }
}

std::string ScriptedHttpServer::endpoint() const { return fmt::format("127.0.0.1:{}", port_); }

std::string ScriptedHttpServer::Url(std::string_view path) const {
  return fmt::format("http://{}{}", endpoint(), path);
}

int ScriptedHttpServer::connections_accepted() const {
  MutexLock lock(&mutex_);
  return static_cast<int>(sessions_.size());
}

UnansweringPort::UnansweringPort() {
  std::tie(listener_, port_) = Bind();
  Require(listen(listener_, 0) == 0, "listen");
  const sockaddr_in address = Loopback(port_);
  for (int& filler : filler_) {
    filler = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    Require(filler >= 0, "socket");
    (void)!connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
}

UnansweringPort::~UnansweringPort() {
  for (int filler : filler_) close(filler);
  close(listener_);
}

std::string UnansweringPort::Url() const { return fmt::format("http://127.0.0.1:{}/", port_); }

int UnusedPort() {
  const auto [fd, port] = Bind();
  close(fd);
  return port;
}

}  // namespace tessera
