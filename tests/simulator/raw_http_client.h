// SPDX-License-Identifier: Apache-2.0
//
// An HTTP client that shows what a real one hides: every byte, every segment, how a connection
// ended. Blocking, with a limit on every wait.
#ifndef TESSERA_TESTS_SIMULATOR_RAW_HTTP_CLIENT_H_
#define TESSERA_TESTS_SIMULATOR_RAW_HTTP_CLIENT_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::simulator {

enum class ReadEnd { kComplete, kClosed, kReset, kTimedOut };

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // as sent
  std::string body;                            // without chunk framing
  std::vector<std::string> chunks;             // of a chunked body
  std::vector<std::string> segments;           // what each read returned, framing and all
  ReadEnd end = ReadEnd::kTimedOut;

  std::string Header(const std::string& name) const;
  // The lines of an NDJSON body, without their line ends.
  std::vector<std::string> Lines() const;
};

class RawHttpClient {
 public:
  explicit RawHttpClient(uint16_t port);
  ~RawHttpClient();
  RawHttpClient(const RawHttpClient&) = delete;
  RawHttpClient& operator=(const RawHttpClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  void SendBytes(std::string_view bytes);
  void SendRequest(std::string_view method, std::string_view path, std::string_view body = {},
                   std::string_view extra_headers = {});
  // Reads one response. What was read beyond it is kept for the next.
  RawResponse Read(int limit_ms = 10'000);
  RawResponse Call(std::string_view method, std::string_view path, std::string_view body = {},
                   std::string_view extra_headers = {});
  // True when nothing arrives for this long.
  bool StaysSilent(int for_ms);
  // FIN, or RST.
  void Close();
  void Reset();

 private:
  // The position behind a complete response in `raw`, or npos.
  static size_t Parse(const std::string& raw, RawResponse* response, bool is_head);

  int fd_ = -1;
  std::string raw_;
  bool is_head_ = false;
};

// One request on a connection of its own.
RawResponse CallOnce(uint16_t port, std::string_view method, std::string_view path,
                     std::string_view body = {}, std::string_view extra_headers = {});

}  // namespace tessera::simulator

#endif  // TESSERA_TESTS_SIMULATOR_RAW_HTTP_CLIENT_H_
