// SPDX-License-Identifier: Apache-2.0
//
// One accepted connection: takes requests from it one after the other, puts answers on it exactly
// as told (segment sizes, pauses, resets), and notices at once when the client goes away.
#ifndef TESSERA_SIMULATOR_HTTP_CONNECTION_H_
#define TESSERA_SIMULATOR_HTTP_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "simulator/delivery.h"
#include "simulator/event_loop.h"
#include "simulator/http_request.h"

namespace tessera::simulator {

class HttpConnection;

// The request that a connection is busy with. Called on the connection's loop.
class RequestInFlight {
 public:
  virtual ~RequestInFlight() = default;
  // The head is there; returns true to get the body in parts instead of in one piece.
  virtual bool OnHead() = 0;
  virtual void OnBodyPart(std::string_view part) = 0;
  virtual void OnRequest() = 0;
  // The client closed or reset the connection before the answer was complete.
  virtual void OnClientGone() = 0;
  // Less than the low-water mark is left to send.
  virtual void OnDrained() = 0;
  // The answer is over: the kernel took its last byte, or (not `whole`) the connection was reset
  // on purpose. Nothing is called after this or OnClientGone.
  virtual void OnAnswered(bool whole) = 0;
};

using RequestFactory = std::function<std::shared_ptr<RequestInFlight>(HttpConnection&)>;

// Belongs to one loop; every method is for that loop's thread.
class HttpConnection : public IoHandler {
 public:
  // More than this unsent means that the producer should wait for OnDrained.
  static constexpr size_t kHighWaterBytes = size_t{256} * 1024;

  // Takes `fd`. `on_closed` runs once, when the connection is done with; it must destroy the
  // connection later, not at once.
  HttpConnection(EventLoop* loop, int fd, size_t max_body_bytes, RequestFactory factory,
                 std::function<void(HttpConnection*)> on_closed);
  ~HttpConnection() override;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  HttpRequest& request() { return parser_.request(); }
  bool body_too_large() const { return parser_.body_too_large(); }
  EventLoop& loop() { return *loop_; }

  // Applies to what is sent from now on, until the answer ends.
  void SetDelivery(const Delivery& delivery);
  void Send(std::string_view bytes);
  bool AboveHighWater() const { return unsent() > kHighWaterBytes; }

  // The answer is complete once everything sent has left; then comes the next request.
  void FinishAnswer(bool keep_connection);
  // Sends a reset instead of whatever the client expects, after what is still unsent.
  void ResetWhenDrained();
  // Resets at once; unsent bytes are lost.
  void ResetNow();

  void OnReady(uint32_t events) override;

 private:
  enum class Ending { kNone, kNextRequest, kClose, kReset };

  size_t unsent() const { return out_.size() - out_offset_; }
  void Read();
  void ParseInput();
  void Flush();
  void FlushPaced();
  bool WriteSome(size_t limit);
  void AfterFlush();
  void PeerGone();
  void CloseSocket(bool with_reset);
  void UpdateWatch();

  EventLoop* const loop_;
  int fd_;
  HttpRequestParser parser_;
  const RequestFactory factory_;
  const std::function<void(HttpConnection*)> on_closed_;

  std::string in_;
  bool request_complete_ = false;
  bool parsing_ = false;
  std::shared_ptr<RequestInFlight> in_flight_;

  std::string out_;
  size_t out_offset_ = 0;
  Delivery delivery_;
  std::minstd_rand cut_;
  EventLoop::TimerId gap_timer_ = 0;
  bool was_above_high_water_ = false;
  Ending ending_ = Ending::kNone;
  uint32_t watched_ = 0;
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_HTTP_CONNECTION_H_
