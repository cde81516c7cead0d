// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/load/http2_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace tessera::testing {
namespace {

// Enough that no answer waits for a WINDOW_UPDATE.
constexpr uint32_t kWindowBytes = 1 << 20;
constexpr size_t kFrameHeadBytes = 5;

int Connect(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    std::fprintf(stderr, "%s: %s\n", address.c_str(), std::strerror(errno));
    std::exit(1);
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

nghttp2_nv Header(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

// Takes from `received` the frames that are whole.
void ReadMessages(std::string& received, const std::function<void(std::string_view)>& take) {
  size_t at = 0;
  while (received.size() - at >= kFrameHeadBytes) {
    uint32_t length = 0;
    std::memcpy(&length, received.data() + at + 1, sizeof length);
    length = ntohl(length);
    if (received.size() - at - kFrameHeadBytes < length) break;
    at += kFrameHeadBytes;
    take(std::string_view(received).substr(at, length));
    at += length;
  }
  received.erase(0, at);
}

}  // namespace

std::string ToGrpcFrame(std::string_view message) {
  std::string frame(kFrameHeadBytes, '\0');
  const uint32_t length = htonl(static_cast<uint32_t>(message.size()));
  std::memcpy(&frame[1], &length, sizeof length);
  return frame.append(message);
}

// nghttp2's way into the connection.
struct Http2Callbacks {
  static ssize_t OnSend(nghttp2_session*, const uint8_t* data, size_t length, int, void* user) {
    const ssize_t sent = send(Of(user).fd(), data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    return errno == EAGAIN ? NGHTTP2_ERR_WOULDBLOCK : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static ssize_t OnBodyWanted(nghttp2_session*, int32_t, uint8_t* buffer, size_t length,
                              uint32_t* flags, nghttp2_data_source* source, void*) {
    Http2Call& call = *static_cast<Http2Call*>(source->ptr);
    const size_t taken = std::min(length, call.body->size() - call.sent);
    std::memcpy(buffer, call.body->data() + call.sent, taken);
    call.sent += taken;
    if (call.sent == call.body->size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(taken);
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_length, const uint8_t* value, size_t value_length, uint8_t,
                      void* user) {
    const std::string_view key(reinterpret_cast<const char*>(name), name_length);
    Http2Call* const call = key == "grpc-status" ? Of(user).Find(frame->hd.stream_id) : nullptr;
    if (call != nullptr) call->ok = value_length == 1 && *value == '0';
    return 0;
  }

  static int OnData(nghttp2_session*, uint8_t, int32_t stream, const uint8_t* data, size_t length,
                    void* user) {
    if (Http2Call* const call = Of(user).Find(stream)) {
      call->received.append(reinterpret_cast<const char*>(data), length);
      ReadMessages(call->received, call->on_message);
    }
    return 0;
  }

  static int OnStreamClose(nghttp2_session*, int32_t stream, uint32_t error, void* user) {
    Of(user).End(stream, error == NGHTTP2_NO_ERROR);
    return 0;
  }

  static nghttp2_session* MakeSession(Http2Connection& connection) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_send_callback(callbacks, &OnSend);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &OnData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &OnStreamClose);
    nghttp2_session* session = nullptr;
    nghttp2_session_client_new(&session, callbacks, &connection);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes};
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, &window, 1);
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kWindowBytes);
    return session;
  }

 private:
  static Http2Connection& Of(void* user) { return *static_cast<Http2Connection*>(user); }
};

Http2Connection::Http2Connection(const std::string& address, std::string path)
    : fd_(Connect(address)),
      authority_(address),
      path_(std::move(path)),
      session_(Http2Callbacks::MakeSession(*this)) {}

Http2Connection::~Http2Connection() {
  EndAll();
  nghttp2_session_del(session_);
}

void Http2Connection::Begin(std::unique_ptr<Http2Call> call) {
  const std::array<nghttp2_nv, 6> headers = {
      Header(":method", "POST"), Header(":scheme", "http"),
      Header(":path", path_),    Header(":authority", authority_),
      Header("te", "trailers"),  Header("content-type", "application/grpc"),
  };
  nghttp2_data_provider body{};
  body.source.ptr = call.get();
  body.read_callback = &Http2Callbacks::OnBodyWanted;
  const int32_t stream = lost_ ? -1
                               : nghttp2_submit_request(session_, nullptr, headers.data(),
                                                        headers.size(), &body, nullptr);
  if (stream < 0) return call->on_done(false);
  calls_[stream] = std::move(call);
}

void Http2Connection::Receive() {
  std::array<uint8_t, 1 << 16> buffer;
  ssize_t got = 0;
  do {
    got = recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    const bool waits = got < 0 && errno == EAGAIN;
    if (!waits && (got <= 0 || nghttp2_session_mem_recv(session_, buffer.data(),
                                                        static_cast<size_t>(got)) < 0)) {
      return EndAll();
    }
    // Where less came, another recv would only hear that there is nothing.
  } while (got == static_cast<ssize_t>(buffer.size()));
}

void Http2Connection::Flush() {
  if (!lost_ && nghttp2_session_send(session_) != 0) EndAll();
}

Http2Call* Http2Connection::Find(int32_t stream) {
  const auto found = calls_.find(stream);
  return found == calls_.end() ? nullptr : found->second.get();
}

void Http2Connection::End(int32_t stream, bool ok) {
  if (const auto ended = calls_.extract(stream)) ended.mapped()->on_done(ok && ended.mapped()->ok);
}

void Http2Connection::EndAll() {
  lost_ = true;
  while (!calls_.empty()) End(calls_.begin()->first, false);
}

}  // namespace tessera::testing
