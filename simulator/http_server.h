// SPDX-License-Identifier: Apache-2.0
//
// Listens on loopback and serves connections on one or a few event loops.
#ifndef TESSERA_SIMULATOR_HTTP_SERVER_H_
#define TESSERA_SIMULATOR_HTTP_SERVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "simulator/event_loop.h"
#include "simulator/exchange.h"
#include "simulator/http_connection.h"
#include "simulator/journal.h"

namespace tessera::simulator {

// Methods are thread-safe. The destructor stops.
class HttpServer {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    uint16_t port = 0;  // 0: any free one
    int io_threads = 1;
    size_t max_body_bytes = 128u << 20;
  };

  // `journal` and `router` must outlive the server.
  HttpServer(Options options, Journal* journal, RequestRouter* router);
  ~HttpServer();

  // Binds, then starts the threads. Called once.
  absl::Status Start();
  // Ends the threads and closes every connection. May be called twice.
  void Stop();

  uint16_t port() const { return port_; }
  EventLoop& first_loop() { return *workers_.front()->loop; }

  // Closes the listening socket, so that connecting is refused; what is connected stays.
  void StopListening();
  // Listens again on the same port.
  absl::Status ResumeListening();
  // Resets every connection, as when the process is killed.
  void ResetConnections();

 private:
  // One thread, its loop and the connections it owns.
  struct Worker {
    std::unique_ptr<EventLoop> loop;
    std::thread thread;
    std::unordered_map<HttpConnection*, std::unique_ptr<HttpConnection>> connections;
  };
  class Acceptor;

  absl::Status Bind();
  void Adopt(Worker& worker, int fd);
  // Runs `task` on `loop` and waits for it; does nothing unless the threads run.
  void RunOn(EventLoop& loop, const std::function<void()>& task);

  const Options options_;
  Journal* const journal_;
  RequestRouter* const router_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Acceptor> acceptor_;  // belongs to the first worker's loop
  uint16_t port_ = 0;
  int listen_fd_ = -1;
  uint64_t accepted_ = 0;  // on the first loop only
  std::atomic<bool> running_{false};
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_HTTP_SERVER_H_
