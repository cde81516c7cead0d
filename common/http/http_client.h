// SPDX-License-Identifier: Apache-2.0
//
// Asynchronous HTTP/1.1 requests whose answers arrive in pieces.
//
// One client serves a whole process: it owns one I/O thread and a pool of kept-alive connections.
// A request is started with a sink; the sink is told the head, each piece of the body as it is
// read from the socket, and the end. Nothing here knows what the bytes mean.
#ifndef TESSERA_COMMON_HTTP_HTTP_CLIENT_H_
#define TESSERA_COMMON_HTTP_HTTP_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/http/http_body_source.h"

namespace tessera {

// How long each part of an exchange may take and how much may come back. Every value must be
// positive; absl::InfiniteDuration() switches a time limit off.
struct HttpLimits {
  // Name resolution, TCP and TLS. Not spent when a pooled connection is used.
  absl::Duration connect = absl::Seconds(2);
  // From the last byte of the request that the connection took to the first line of the answer. A
  // body source that has nothing to send for this long ends the exchange, too.
  // A model server sends its head together with the first token, so there this is the limit on
  // the time to first token, prompt processing and model loading included.
  absl::Duration first_byte = absl::Seconds(30);
  // Between two reads of the answer, once it has begun.
  absl::Duration idle = absl::Seconds(30);
  // From Start() to the end of the answer.
  absl::Duration total = absl::Seconds(60);
  // Bytes of the body. The head has a fixed limit of its own, 64 KiB.
  int64_t max_response_bytes = int64_t{16} << 20;
};

struct HttpRequest {
  std::string method = "GET";
  // Absolute, http:// or https://, without user name or password.
  std::string url;
  // Sent in this order. "Host" may be overridden; "Content-Length" and "Transfer-Encoding" are the
  // client's own and are refused. No header is added for the body: name its Content-Type here.
  std::vector<std::pair<std::string, std::string>> headers;
  // Sent from where it lies: move it in, and no copy of it is ever made.
  std::string body;
  // Sent instead of `body` where it is set, for bytes that several requests share.
  std::shared_ptr<const std::string> shared_body;
  // Instead of `body`, which must be empty then. The request goes out on a connection of its own
  // making, because it could not be sent a second time.
  std::shared_ptr<HttpBodySource> body_source;
  HttpLimits limits;
};

// The final status line and headers of an answer; interim (1xx) answers are not reported.
struct HttpHead {
  int status = 0;
  // As sent, parameters included; empty when absent.
  std::string content_type;
};

// What one exchange cost. Times count from Start(); zero means that the point was not reached.
struct HttpStats {
  bool connection_reused = false;
  // The connection was ready for the request (close to zero when it was reused).
  absl::Duration connect;
  // The first line of the answer was read.
  absl::Duration first_byte;
  absl::Duration total;
  // Bytes of the two bodies, without heads and transfer coding.
  int64_t bytes_sent = 0;
  int64_t bytes_received = 0;
};

// Receives one answer. The client keeps the sink alive from Start() until OnDone() has returned
// and drops its reference right after.
//
// All functions are called on the client's I/O thread, which serves every other exchange too: they
// must not block, must not throw, and must not destroy the client. They may start and cancel calls.
class HttpResponseSink {
 public:
  virtual ~HttpResponseSink() = default;

  // At most once, before any OnData.
  virtual void OnHead(const HttpHead& head) = 0;

  // Any number of times, as the bytes come off the socket, transfer coding removed; pieces have
  // nothing to do with lines. `bytes` is valid only during the call. A non-OK status ends the
  // exchange, closes the connection, and is what OnDone then reports.
  virtual absl::Status OnData(std::string_view bytes) = 0;

  // Exactly once, last. By then the connection is closed or back in the pool.
  //
  // OK means that a whole HTTP answer arrived, whatever its status: 404 and 500 are successful
  // exchanges, look at HttpHead::status. Otherwise the status carries a reason of http_errors.h.
  virtual void OnDone(const absl::Status& status, const HttpStats& stats) = 0;
};

// A started exchange. Dropping the handle does not end it.
class HttpCall {
 public:
  virtual ~HttpCall() = default;

  // Ends the exchange: its connection is closed at once (reset, if the server has not taken all of
  // the request yet), never returned to the pool, and OnDone reports CANCELLED / HTTP_CANCELLED
  // unless the exchange had ended already. A sink function that is running on the I/O thread
  // finishes; after it only OnDone follows. Thread-safe, idempotent, never blocks; may be called on
  // the I/O thread, inside the call's own sink, and after the client is gone.
  virtual void Cancel() = 0;

  // The request's body source, which had nothing to send, has something again. Does nothing for a
  // request without one. Thread-safe, never blocks; may be called at any time, also when the source
  // was never found empty, and after the client is gone.
  virtual void ResumeBody() {}
};

// A snapshot for metrics. The first three only grow.
struct HttpClientStats {
  // Connections made that carried a request.
  int64_t connections_opened = 0;
  // Requests that went out on a connection used before.
  int64_t connections_reused = 0;
  // Requests sent a second time because the server had closed the pooled connection under them.
  int64_t stale_connection_retries = 0;
  // Exchanges between Start() and OnDone().
  int64_t active_transfers = 0;
};

// Thread-safe. Destruction ends everything in flight: each open exchange gets its OnDone with
// UNAVAILABLE / HTTP_CLIENT_CLOSED, then the I/O thread is joined. So the destructor must not run
// on the I/O thread, Start() must not be called from other threads once it has begun, and a sink
// must not answer HTTP_CLIENT_CLOSED with another Start().
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Begins an exchange and returns at once. Nothing is thrown or returned as an error: whatever is
  // wrong with the request is told to OnDone, on the I/O thread. `sink` must not be null.
  //
  // Redirects are not followed, proxies and cookies are not used. A request that went out on a
  // pooled connection which the server closes without a byte of answer is sent once more, on a
  // fresh connection, whatever its method; nothing else is ever sent twice.
  virtual std::shared_ptr<HttpCall> Start(HttpRequest request,
                                          std::shared_ptr<HttpResponseSink> sink) = 0;

  virtual HttpClientStats stats() const = 0;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_HTTP_CLIENT_H_
