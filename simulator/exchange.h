// SPDX-License-Identifier: Apache-2.0
//
// One request and its answer: the handlers' view of a connection. Gives every answer the head that
// Ollama would give it, and keeps the request's record in the journal.
#ifndef TESSERA_SIMULATOR_EXCHANGE_H_
#define TESSERA_SIMULATOR_EXCHANGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "simulator/http_connection.h"
#include "simulator/journal.h"

namespace tessera::simulator {

inline constexpr std::string_view kJsonType = "application/json; charset=utf-8";
// Errors that come from the model's runner, and non-streamed pull and create.
inline constexpr std::string_view kPlainJsonType = "application/json";
inline constexpr std::string_view kLinesType = "application/x-ndjson";
inline constexpr std::string_view kTextType = "text/plain";

// Something that goes on for longer than its handler's call, such as a generation.
class Activity {
 public:
  virtual ~Activity() = default;
  // The client closed the connection; nothing can be sent any more.
  virtual void OnClientGone() {}
  // The client caught up after HttpConnection::AboveHighWater.
  virtual void OnDrained() {}
  // Parts of the body and its end, for activities that were started at the head.
  virtual void OnBodyPart(std::string_view) {}
  virtual void OnBodyComplete() {}
  // The answer has left, or was ended by a fault.
  virtual void OnEnded() {}
};

class Exchange;

// Decides what happens to a request. OnHead may start an Activity that takes the body in parts and
// then returns true.
class RequestRouter {
 public:
  virtual ~RequestRouter() = default;
  virtual bool OnHead(const std::shared_ptr<Exchange>& exchange) = 0;
  virtual void OnRequest(const std::shared_ptr<Exchange>& exchange) = 0;
};

// Used on its connection's loop only.
class Exchange : public RequestInFlight, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(HttpConnection* connection, uint64_t connection_number, Journal* journal,
           RequestRouter* router);

  const HttpRequest& request() const { return connection_->request(); }
  // The body, which a handler may take or change.
  std::string& body() { return connection_->request().body; }
  bool body_too_large() const { return connection_->body_too_large(); }
  EventLoop& loop() { return *loop_; }
  // False once the client has gone or the answer has ended.
  bool open() const { return connection_ != nullptr && !ended_; }
  SteadyTime received() const { return received_; }

  // Keeps `activity` alive until the exchange ends, and tells it what happens.
  void Run(std::shared_ptr<Activity> activity) { activity_ = std::move(activity); }
  void SetDelivery(const Delivery& delivery);

  // Whole answers. Go sends a length up to 2,048 bytes and chunks beyond; so does this.
  void Reply(int status, std::string_view type, std::string_view body);
  void ReplyJson(std::string_view body) { Reply(200, kJsonType, body); }
  void ReplyEmpty(int status);
  // {"error": text}
  void ReplyError(int status, std::string_view text);
  // The same as the runner's errors look: other type, always chunked.
  void ReplyRunnerError(int status, std::string_view text);
  void ReplyRunnerErrorJson(int status, std::string_view json);

  // A stream. The head leaves together with the first line. A line carries its own \n, and as many
  // tokens as the record shall count for it.
  void SendLine(std::string_view line, int tokens = 0);
  // Bytes of a line that is sent in pieces, each its own chunk and segment.
  void SendPartOfLine(std::string_view bytes);
  void EndStream();
  bool AboveHighWater() const { return open() && connection_->AboveHighWater(); }

  // Ends that no well-behaved server has.
  void SendRaw(std::string_view bytes);
  void CloseAbruptly();      // FIN in the middle of whatever is going on
  void Reset(bool flushed);  // RST, after what is unsent or at once

  void Record(absl::FunctionRef<void(RequestRecord&, Counters&)> change);

  bool OnHead() override;
  void OnBodyPart(std::string_view part) override;
  void OnRequest() override;
  void OnClientGone() override;
  void OnDrained() override;
  void OnAnswered(bool whole) override;

 private:
  void AppendHead(std::string& out, int status, std::string_view type, int64_t length);
  void HoldChunk(std::string_view bytes);
  void FlushHeldLines();
  void Finish(RequestPhase phase);

  HttpConnection* connection_;  // nullptr once the client has gone
  EventLoop* const loop_;
  Journal* const journal_;
  RequestRouter* const router_;
  std::shared_ptr<Activity> activity_;
  const SteadyTime received_;
  uint64_t record_id_;
  bool ended_ = false;  // nothing more will be sent
  bool faulted_ = false;
  bool head_sent_ = false;
  int lines_per_segment_ = 1;
  int held_lines_ = 0;
  std::string held_;  // lines that wait for their segment to fill
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_EXCHANGE_H_
