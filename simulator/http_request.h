// SPDX-License-Identifier: Apache-2.0
//
// An HTTP/1.1 request, and the parser that takes one from a byte stream.
#ifndef TESSERA_SIMULATOR_HTTP_REQUEST_H_
#define TESSERA_SIMULATOR_HTTP_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::simulator {

struct HttpRequest {
  std::string method;
  std::string path;  // without the query
  std::string query;
  std::string host;
  std::string origin;
  std::string request_id;  // X-Request-Id, when the client sends one
  bool keep_alive = true;
  bool expects_continue = false;
  std::string body;  // empty when the body was streamed to a sink
  uint64_t body_bytes = 0;
};

// Takes requests out of a byte stream, one after the other. Not thread-safe.
//
// Feed looks at `input` from its start and says how many bytes it consumed; the caller drops them
// and feeds the rest together with what arrives later.
class HttpRequestParser {
 public:
  enum class Event {
    kNeedMore,   // everything useful was consumed
    kHead,       // request() has everything but the body; call again for the body
    kBody,       // body_part() holds some of a body that is being streamed
    kComplete,   // request() is complete
    kMalformed,  // not HTTP/1.x, or a head over 64 KiB
  };

  explicit HttpRequestParser(size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  Event Feed(std::string_view input, size_t* consumed);

  // After kHead: hands the body out in kBody parts instead of collecting it.
  void StreamBody() { stream_body_ = true; }

  // The body went over the limit; its bytes are dropped, body_bytes still counts them.
  bool body_too_large() const { return request_.body_bytes > max_body_bytes_ && !stream_body_; }
  std::string_view body_part() const { return body_part_; }
  HttpRequest& request() { return request_; }

  // Starts over for the next request of the same connection.
  void Reset();

 private:
  enum class State { kHead, kBody, kChunkSize, kChunkBytes, kChunkEnd, kTrailer, kDone };

  Event FeedHead(std::string_view input, size_t* consumed);
  Event FeedBytes(std::string_view input, size_t* consumed, State next);
  Event FeedLine(std::string_view input, size_t* consumed);
  bool ParseHead(std::string_view head);
  bool ParseHeader(std::string_view line);

  const size_t max_body_bytes_;
  HttpRequest request_;
  State state_ = State::kHead;
  uint64_t left_ = 0;  // bytes left of the body or of the chunk
  bool chunked_ = false;
  bool stream_body_ = false;
  std::string_view body_part_;
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_HTTP_REQUEST_H_
