// SPDX-License-Identifier: Apache-2.0
#include "simulator/exchange.h"

#include <utility>

#include "simulator/http_status.h"
#include "simulator/json_text.h"
#include "simulator/text.h"
#include "simulator/timestamps.h"

namespace tessera::simulator {
namespace {

// net/http decides on chunks when a handler has written more than this without flushing.
constexpr size_t kMaxCountedBody = 2048;
constexpr int64_t kChunked = -1;

RequestRecord NewRecord(const HttpRequest& request, uint64_t connection, SteadyTime received) {
  RequestRecord record;
  record.connection = connection;
  record.method = request.method;
  record.path = request.path;
  record.request_id = request.request_id;
  record.received = received;
  return record;
}

void AppendChunk(std::string& out, std::string_view bytes) {
  char size[16];
  const char* const end = std::to_chars(size, size + sizeof(size), bytes.size(), 16).ptr;
  Append(out, std::string_view(size, static_cast<size_t>(end - size)), "\r\n", bytes, "\r\n");
}

}  // namespace

Exchange::Exchange(HttpConnection* connection, uint64_t connection_number, Journal* journal,
                   RequestRouter* router)
    : connection_(connection),
      loop_(&connection->loop()),
      journal_(journal),
      router_(router),
      received_(std::chrono::steady_clock::now()),
      record_id_(journal->Begin(NewRecord(connection->request(), connection_number, received_))) {}

void Exchange::SetDelivery(const Delivery& delivery) {
  if (open()) {
    lines_per_segment_ = delivery.lines_per_segment;
    connection_->SetDelivery(delivery);
  }
}

void Exchange::AppendHead(std::string& out, int status, std::string_view type, int64_t length) {
  Append(out, "HTTP/1.1 ", status, " ", StatusText(status), "\r\n");
  if (!type.empty()) {
    Append(out, "Content-Type: ", type, "\r\n");
  }
  Append(out, "Date: ", HttpDateNow(), "\r\n");
  if (length != kChunked) {
    Append(out, "Content-Length: ", length, "\r\n");
  }
  if (!request().keep_alive) {
    out += "Connection: close\r\n";
  }
  if (length == kChunked) {
    out += "Transfer-Encoding: chunked\r\n";
  }
  out += "\r\n";
  head_sent_ = true;
  Record([&](RequestRecord& record, Counters&) { record.status = status; });
}

void Exchange::Reply(int status, std::string_view type, std::string_view body) {
  if (!open()) {
    return;
  }
  std::string out;
  out.reserve(body.size() + 256);
  const bool counted = body.size() <= kMaxCountedBody;
  AppendHead(out, status, type, counted ? static_cast<int64_t>(body.size()) : kChunked);
  if (request().method != "HEAD") {
    if (counted) {
      out += body;
    } else {
      AppendChunk(out, body);
      out += "0\r\n\r\n";
    }
  }
  connection_->Send(out);
  ended_ = true;
  connection_->FinishAnswer(request().keep_alive);
}

void Exchange::ReplyEmpty(int status) { Reply(status, {}, {}); }

void Exchange::ReplyError(int status, std::string_view text) {
  Reply(status, kJsonType, Concat("{\"error\":", Quoted(text), "}"));
}

void Exchange::ReplyRunnerError(int status, std::string_view text) {
  ReplyRunnerErrorJson(status, Concat("{\"error\":", Quoted(text), "}"));
}

void Exchange::ReplyRunnerErrorJson(int status, std::string_view json) {
  if (!open()) {
    return;
  }
  std::string out;
  AppendHead(out, status, kPlainJsonType, kChunked);
  AppendChunk(out, json);
  out += "0\r\n\r\n";
  connection_->Send(out);
  ended_ = true;
  connection_->FinishAnswer(request().keep_alive);
}

void Exchange::SendLine(std::string_view line, int tokens) {
  if (!open()) {
    return;
  }
  HoldChunk(line);
  ++held_lines_;
  if (lines_per_segment_ > 0 && held_lines_ >= lines_per_segment_) {
    FlushHeldLines();
  }
  Record([&](RequestRecord& record, Counters& counters) {
    if (record.lines_sent++ == 0) {
      record.first_line = std::chrono::steady_clock::now();
      record.phase = RequestPhase::kStreaming;
    }
    record.tokens_sent += tokens;
    ++counters.lines_sent;
    counters.tokens_sent += static_cast<uint64_t>(tokens);
  });
}

void Exchange::SendPartOfLine(std::string_view bytes) {
  if (open()) {
    HoldChunk(bytes);
    FlushHeldLines();
  }
}

void Exchange::HoldChunk(std::string_view bytes) {
  if (!head_sent_) {
    AppendHead(held_, 200, kLinesType, kChunked);
  }
  AppendChunk(held_, bytes);
}

void Exchange::FlushHeldLines() {
  connection_->Send(held_);
  held_.clear();
  held_lines_ = 0;
}

void Exchange::EndStream() {
  if (!open()) {
    return;
  }
  if (!head_sent_) {
    AppendHead(held_, 200, kLinesType, kChunked);
  }
  held_ += "0\r\n\r\n";
  FlushHeldLines();
  ended_ = true;
  connection_->FinishAnswer(request().keep_alive);
}

void Exchange::SendRaw(std::string_view bytes) {
  if (open()) {
    connection_->Send(bytes);
  }
}

void Exchange::CloseAbruptly() {
  if (!open()) {
    return;
  }
  FlushHeldLines();
  ended_ = true;
  faulted_ = true;
  connection_->FinishAnswer(/*keep_connection=*/false);
}

void Exchange::Reset(bool flushed) {
  if (!open()) {
    return;
  }
  if (flushed) {
    FlushHeldLines();
    ended_ = true;
    connection_->ResetWhenDrained();
  } else {
    connection_->ResetNow();
  }
}

void Exchange::Record(absl::FunctionRef<void(RequestRecord&, Counters&)> change) {
  journal_->Update(record_id_, change);
}

bool Exchange::OnHead() { return router_->OnHead(shared_from_this()); }

void Exchange::OnBodyPart(std::string_view part) {
  if (activity_ != nullptr) {
    activity_->OnBodyPart(part);
  }
}

void Exchange::OnRequest() {
  Record([this](RequestRecord& record, Counters&) { record.body_bytes = request().body_bytes; });
  if (const auto activity = activity_) {
    activity->OnBodyComplete();
  } else {
    router_->OnRequest(shared_from_this());
  }
}

void Exchange::OnClientGone() {
  const auto self = shared_from_this();
  connection_ = nullptr;
  ended_ = true;
  Finish(RequestPhase::kClientGone);
}

void Exchange::OnDrained() {
  if (const auto activity = activity_) {
    activity->OnDrained();
  }
}

void Exchange::OnAnswered(bool whole) {
  const auto self = shared_from_this();
  connection_ = nullptr;
  ended_ = true;
  Finish(faulted_ || !whole ? RequestPhase::kFaulted : RequestPhase::kAnswered);
}

void Exchange::Finish(RequestPhase phase) {
  Record([&](RequestRecord& record, Counters& counters) {
    record.gone_in = std::exchange(record.phase, phase);
    record.ended = std::chrono::steady_clock::now();
    --counters.requests_in_flight;
    counters.answered += phase == RequestPhase::kAnswered;
    counters.clients_gone += phase == RequestPhase::kClientGone;
    counters.faulted += phase == RequestPhase::kFaulted;
  });
  if (const auto activity = std::move(activity_)) {
    if (phase == RequestPhase::kClientGone) {
      activity->OnClientGone();
    } else {
      activity->OnEnded();
    }
  }
}

}  // namespace tessera::simulator
