// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/raw_http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace tessera::simulator {

std::string RawResponse::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::vector<std::string> RawResponse::Lines() const {
  std::vector<std::string> lines;
  size_t at = 0;
  while (at < body.size()) {
    const size_t line_end = std::min(body.find('\n', at), body.size());
    lines.push_back(body.substr(at, line_end - at));
    at = line_end + 1;
  }
  return lines;
}

RawHttpClient::RawHttpClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    Close();
  }
}

RawHttpClient::~RawHttpClient() { Close(); }

void RawHttpClient::SendBytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void RawHttpClient::SendRequest(std::string_view method, std::string_view path,
                                std::string_view body, std::string_view extra_headers) {
  is_head_ = method == "HEAD";
  std::string request(method);
  request.append(" ").append(path).append(" HTTP/1.1\r\n");
  if (extra_headers.find("Host:") == std::string_view::npos) {
    request.append("Host: 127.0.0.1\r\n");
  }
  request.append(extra_headers);
  if (method == "POST" || !body.empty()) {
    request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  request.append("\r\n").append(body);
  SendBytes(request);
}

RawResponse RawHttpClient::Read(int limit_ms) {
  RawResponse response;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
  for (;;) {
    const size_t used = Parse(raw_, &response, is_head_);
    if (used != std::string::npos) {
      raw_.erase(0, used);
      response.end = ReadEnd::kComplete;
      return response;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd wait{fd_, POLLIN, 0};
    if (fd_ < 0 || left.count() <= 0 || poll(&wait, 1, static_cast<int>(left.count())) <= 0) {
      response.end = ReadEnd::kTimedOut;
      return response;
    }
    char buffer[65536];
    const ssize_t got = recv(fd_, buffer, sizeof(buffer), 0);
    if (got <= 0) {
      response.end = got == 0 ? ReadEnd::kClosed : ReadEnd::kReset;
      return response;
    }
    response.segments.emplace_back(buffer, static_cast<size_t>(got));
    raw_ += response.segments.back();
  }
}

RawResponse RawHttpClient::Call(std::string_view method, std::string_view path,
                                std::string_view body, std::string_view extra_headers) {
  SendRequest(method, path, body, extra_headers);
  return Read();
}

bool RawHttpClient::StaysSilent(int for_ms) {
  pollfd wait{fd_, POLLIN, 0};
  return raw_.empty() && poll(&wait, 1, for_ms) == 0;
}

void RawHttpClient::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void RawHttpClient::Reset() {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  Close();
}

size_t RawHttpClient::Parse(const std::string& raw, RawResponse* response, bool is_head) {
  const size_t head_end = raw.find("\r\n\r\n");
  if (head_end == std::string::npos) return std::string::npos;
  response->headers.clear();
  response->body.clear();
  response->chunks.clear();
  response->status = std::atoi(raw.c_str() + raw.find(' '));
  for (size_t at = raw.find("\r\n") + 2; at < head_end;) {
    const size_t end = raw.find("\r\n", at);
    const size_t colon = raw.find(':', at);
    response->headers[raw.substr(at, colon - at)] = raw.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  size_t at = head_end + 4;
  if (is_head) return at;
  if (response->headers.contains("Content-Length")) {
    const size_t length = std::stoul(response->headers["Content-Length"]);
    response->body = raw.substr(at, length);
    return raw.size() - at >= length ? at + length : std::string::npos;
  }
  if (!response->headers.contains("Transfer-Encoding")) {
    response->body = raw.substr(at);
    return response->status == 100 ? at : std::string::npos;
  }
  for (;;) {
    const size_t size_end = raw.find("\r\n", at);
    if (size_end == std::string::npos) return std::string::npos;
    const size_t size = std::strtoul(raw.c_str() + at, nullptr, 16);
    at = size_end + 2;
    if (raw.size() < at + size + 2) {
      response->body += raw.substr(at);
      return std::string::npos;
    }
    if (size == 0) return at + 2;
    response->chunks.push_back(raw.substr(at, size));
    response->body += response->chunks.back();
    at += size + 2;
  }
}

RawResponse CallOnce(uint16_t port, std::string_view method, std::string_view path,
                     std::string_view body, std::string_view extra_headers) {
  return RawHttpClient(port).Call(method, path, body, extra_headers);
}

}  // namespace tessera::simulator
