// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_BENCHMARKS_LOAD_HTTP2_CONNECTION_H_
#define TESSERA_TESTS_BENCHMARKS_LOAD_HTTP2_CONNECTION_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/http/unique_fd.h"

namespace tessera::testing {

// A message as gRPC sends it: a byte of flags, four of length, the message.
std::string ToGrpcFrame(std::string_view message);

// One gRPC call of an Http2Connection.
struct Http2Call {
  // The request, ToGrpcFrame().
  std::shared_ptr<const std::string> body;
  // Each message of the answer.
  std::function<void(std::string_view message)> on_message;
  // Once, last.
  std::function<void(bool ok)> on_done;

  size_t sent = 0;
  std::string received;  // Of a message that is not whole yet.
  bool ok = false;       // grpc-status is 0.
};

// A connection over HTTP/2 without TLS that carries gRPC calls to one method. Of one thread.
class Http2Connection {
 public:
  // `address` is a numeric host and a port; `path` is "/package.Service/Method". Exits the process
  // when nobody listens there.
  Http2Connection(const std::string& address, std::string path);
  // Calls that are open end, not ok.
  ~Http2Connection();
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;

  int fd() const { return fd_.get(); }
  // Flush() sends it.
  void Begin(std::unique_ptr<Http2Call> call);
  // Reads until the socket has nothing more.
  void Receive();
  // Sends what the socket takes; the rest when it is called again.
  void Flush();

 private:
  friend struct Http2Callbacks;

  Http2Call* Find(int32_t stream);
  void End(int32_t stream, bool ok);
  void EndAll();

  const UniqueFd fd_;
  const std::string authority_;
  const std::string path_;
  nghttp2_session* const session_;
  std::unordered_map<int32_t, std::unique_ptr<Http2Call>> calls_;
  bool lost_ = false;
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_BENCHMARKS_LOAD_HTTP2_CONNECTION_H_
