// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_COMMON_HTTP_SCRIPTED_HTTP_SERVER_H_
#define TESSERA_TESTS_COMMON_HTTP_SCRIPTED_HTTP_SERVER_H_

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"

namespace tessera {

// How long a test waits for what must happen: only a test that fails anyway gets to the end of it.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// What a client sent: head and body apart.
struct ScriptedRequest {
  // Request line and headers, as sent, without the empty line.
  std::string head;
  std::string body;
};

// How a client left a connection.
enum class PeerEnd { kClosed, kReset, kStillThere };

// One accepted connection, in the hands of a script. Reads give up after kPatience.
class ScriptedConnection {
 public:
  // `number` counts from 1 in the order of acceptance. Takes the descriptor over.
  ScriptedConnection(int fd, int number) : fd_(fd), number_(number) {}
  ~ScriptedConnection() { Close(); }
  ScriptedConnection(const ScriptedConnection&) = delete;
  ScriptedConnection& operator=(const ScriptedConnection&) = delete;

  int number() const { return number_; }

  // The next request, whole; nothing once the peer is gone.
  std::optional<ScriptedRequest> ReadRequest();

  // Reads and drops whatever comes next; the number of bytes, 0 once the peer is gone.
  size_t ReadSome();

  // False once the peer is gone.
  bool Send(std::string_view bytes);
  // A whole answer with a Content-Length.
  bool SendAnswer(std::string_view body, std::string_view status_line = "HTTP/1.1 200 OK");

  // Reads and drops what comes until the peer leaves, and says how it left.
  PeerEnd WaitForPeerEnd();

  // A pause that ends early, with false, when the peer leaves.
  bool PeerStaysFor(absl::Duration pause);

  // Closes with a FIN (RST where unread bytes are left).
  void Close();
  // Closes with an RST.
  void Reset();

 private:
  friend class ScriptedHttpServer;
  void ShutDownFromOutside();
  // Appends what is there to read to `unread_`; the number of bytes, or recv()'s error.
  long Receive();

  Mutex mutex_;
  // Negative once closed. Closed by the script's thread only.
  int fd_;
  const int number_;
  std::string unread_;
};

// A server that does to each connection what the test's script says, on a thread of that
// connection's own: nothing is parsed or sent behind the script's back.
class ScriptedHttpServer {
 public:
  // `script` runs once per connection; the connection is closed when it returns.
  using Script = std::function<void(ScriptedConnection&)>;

  explicit ScriptedHttpServer(Script script);
  // Breaks what is still open and joins the scripts.
  ~ScriptedHttpServer();
  ScriptedHttpServer(const ScriptedHttpServer&) = delete;
  ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;

  // "http://127.0.0.1:<port><path>"
  std::string Url(std::string_view path = "/") const;
  // "127.0.0.1:<port>"
  std::string endpoint() const;
  int connections_accepted() const;

 private:
  struct Session;
  void Accept();

  const Script script_;
  int listener_;
  int port_ = 0;
  mutable Mutex mutex_;
  std::list<Session> sessions_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

// A port on which every attempt to connect stays unanswered: it listens, but its backlog is full.
class UnansweringPort {
 public:
  UnansweringPort();
  ~UnansweringPort();
  std::string Url() const;

 private:
  int listener_;
  int filler_[4];
  int port_ = 0;
};

// A port of 127.0.0.1 that nobody listens on.
int UnusedPort();

}  // namespace tessera

#endif  // TESSERA_TESTS_COMMON_HTTP_SCRIPTED_HTTP_SERVER_H_
