// SPDX-License-Identifier: Apache-2.0
#include "simulator/http_request.h"

#include <algorithm>

#include "simulator/text.h"

namespace tessera::simulator {
namespace {

constexpr size_t kMaxHeadBytes = size_t{64} * 1024;

}  // namespace

void HttpRequestParser::Reset() {
  request_ = HttpRequest();
  state_ = State::kHead;
  left_ = 0;
  chunked_ = false;
  stream_body_ = false;
  body_part_ = {};
}

HttpRequestParser::Event HttpRequestParser::Feed(std::string_view input, size_t* consumed) {
  *consumed = 0;
  switch (state_) {
    case State::kHead:
      return FeedHead(input, consumed);
    case State::kBody:
      return FeedBytes(input, consumed, State::kDone);
    case State::kChunkBytes:
      return FeedBytes(input, consumed, State::kChunkEnd);
    case State::kChunkSize:
    case State::kChunkEnd:
    case State::kTrailer:
      return FeedLine(input, consumed);
    case State::kDone:
      return Event::kComplete;
  }
  return Event::kMalformed;
}

HttpRequestParser::Event HttpRequestParser::FeedHead(std::string_view input, size_t* consumed) {
  const size_t end = input.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return input.size() > kMaxHeadBytes ? Event::kMalformed : Event::kNeedMore;
  }
  *consumed = end + 4;
  if (!ParseHead(input.substr(0, end + 2))) {
    return Event::kMalformed;
  }
  if (chunked_) {
    state_ = State::kChunkSize;
  } else {
    state_ = left_ > 0 ? State::kBody : State::kDone;
    if (left_ <= max_body_bytes_) {
      // Room for the JSON parser's padding, so that it need not copy.
      request_.body.reserve(left_ + 64);
    }
  }
  return Event::kHead;
}

HttpRequestParser::Event HttpRequestParser::FeedBytes(std::string_view input, size_t* consumed,
                                                      State next) {
  const size_t taken = static_cast<size_t>(std::min<uint64_t>(left_, input.size()));
  if (taken == 0) {
    return Event::kNeedMore;
  }
  *consumed = taken;
  left_ -= taken;
  request_.body_bytes += taken;
  if (left_ == 0) {
    state_ = next;
  }
  if (stream_body_) {
    body_part_ = input.substr(0, taken);
    return Event::kBody;
  }
  if (request_.body_bytes <= max_body_bytes_) {
    request_.body.append(input.substr(0, taken));
  }
  return state_ == State::kDone ? Event::kComplete : Event::kNeedMore;
}

HttpRequestParser::Event HttpRequestParser::FeedLine(std::string_view input, size_t* consumed) {
  const size_t end = input.find("\r\n");
  if (end == std::string_view::npos) {
    return input.size() > kMaxHeadBytes ? Event::kMalformed : Event::kNeedMore;
  }
  *consumed = end + 2;
  const std::string_view line = input.substr(0, end);
  if (state_ == State::kChunkEnd) {
    state_ = State::kChunkSize;
    return line.empty() ? Event::kNeedMore : Event::kMalformed;
  }
  if (state_ == State::kTrailer) {
    if (line.empty()) {
      state_ = State::kDone;
      return Event::kComplete;
    }
    return Event::kNeedMore;
  }
  uint64_t size;
  if (!ParseNumber(line.substr(0, line.find(';')), &size, 16)) {
    return Event::kMalformed;
  }
  left_ = size;
  state_ = size == 0 ? State::kTrailer : State::kChunkBytes;
  return Event::kNeedMore;
}

bool HttpRequestParser::ParseHead(std::string_view head) {
  size_t line_end = head.find("\r\n");
  const std::string_view request_line = head.substr(0, line_end);
  const size_t method_end = request_line.find(' ');
  const size_t target_end = request_line.rfind(' ');
  if (method_end == std::string_view::npos || target_end <= method_end) {
    return false;
  }
  const std::string_view version = request_line.substr(target_end + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return false;
  }
  request_.keep_alive = version == "HTTP/1.1";
  request_.method = std::string(request_line.substr(0, method_end));
  const std::string_view target = request_line.substr(method_end + 1, target_end - method_end - 1);
  const size_t question = target.find('?');
  request_.path = std::string(target.substr(0, question));
  if (question != std::string_view::npos) {
    request_.query = std::string(target.substr(question + 1));
  }
  size_t at = line_end + 2;
  while (at < head.size()) {
    line_end = head.find("\r\n", at);
    if (!ParseHeader(head.substr(at, line_end - at))) {
      return false;
    }
    at = line_end + 2;
  }
  return true;
}

bool HttpRequestParser::ParseHeader(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return false;
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = StripBlanks(line.substr(colon + 1));
  // Compared by length first: nearly every header is one that nobody asks for.
  switch (name.size()) {
    case 4:
      if (EqualsIgnoreCase(name, "host")) request_.host = std::string(value);
      break;
    case 6:
      if (EqualsIgnoreCase(name, "origin")) request_.origin = std::string(value);
      if (EqualsIgnoreCase(name, "expect")) {
        request_.expects_continue = EqualsIgnoreCase(value, "100-continue");
      }
      break;
    case 10:
      if (EqualsIgnoreCase(name, "connection")) {
        request_.keep_alive = EqualsIgnoreCase(value, "keep-alive") ||
                              (request_.keep_alive && !EqualsIgnoreCase(value, "close"));
      }
      break;
    case 12:
      if (EqualsIgnoreCase(name, "x-request-id")) request_.request_id = std::string(value);
      break;
    case 14:
      if (EqualsIgnoreCase(name, "content-length")) return ParseNumber(value, &left_);
      break;
    case 17:
      if (EqualsIgnoreCase(name, "transfer-encoding")) {
        chunked_ = EqualsIgnoreCase(value, "chunked");
        return chunked_;
      }
      break;
    default:
      break;
  }
  return true;
}

}  // namespace tessera::simulator
