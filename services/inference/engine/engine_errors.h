// SPDX-License-Identifier: Apache-2.0
//
// What Ollama's failures mean to a caller: its HTTP statuses, its error texts (which may hold
// another JSON document), and the transport's errors, each mapped to a code and a reason.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_ENGINE_ERRORS_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_ENGINE_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"

namespace tessera::inference {

// Stands for "the error came as a line, after HTTP 200".
inline constexpr int kMidStream = 200;

// Maps the text of an {"error": "..."} reply. `http_status` is the status it came with, or
// kMidStream. The text is shortened to 300 bytes in the message.
//   404, "not found"                     NOT_FOUND            MODEL_NOT_FOUND
//   does not support <image|tools|...>   FAILED_PRECONDITION  MODEL_LACKS_VISION / _CAPABILITY
//   exceeds the context                  INVALID_ARGUMENT     CONTEXT_OVERFLOW
//   picture not decodable, other 400     INVALID_ARGUMENT     ENGINE_REFUSED
//   413                                  INVALID_ARGUMENT     ENGINE_REFUSED
//   503 busy                             RESOURCE_EXHAUSTED   ENGINE_BUSY (RetryInfo 1 s)
//   runner died, could not load          UNAVAILABLE          ENGINE_RUNNER_FAILED
//   403                                  FAILED_PRECONDITION  ENGINE_REFUSED
//   anything else                        INTERNAL             ENGINE_FAILED
absl::Status StatusFromEngineError(int http_status, std::string_view text);

// Maps a whole reply whose HTTP status is not 200: JSON with "error", plain text, or anything. 404
// and 405 in plain text come from a server that is no Ollama: INTERNAL, ENGINE_FAILED.
absl::Status StatusFromHttpReply(int http_status, std::string_view body);

// Maps an error of common/http. `head_seen` tells whether an answer had begun.
//   connection refused, reset, closed    UNAVAILABLE          ENGINE_UNREACHABLE, or
//                                                             ENGINE_STREAM_BROKEN after the head
//   a time limit                         DEADLINE_EXCEEDED    ENGINE_TIMEOUT
//   not HTTP                             INTERNAL             ENGINE_REPLY_INVALID
//   too large                            RESOURCE_EXHAUSTED   REPLY_TOO_LARGE
//   too many exchanges at once           RESOURCE_EXHAUSTED   QUEUE_FULL (RetryInfo 1 s)
//   cancelled                            CANCELLED            CANCELLED
//   anything else                        INTERNAL             ENGINE_FAILED
absl::Status StatusFromTransport(const absl::Status& error, bool head_seen);

// INTERNAL, reason ENGINE_REPLY_INVALID: "the engine <what>".
absl::Status InvalidReply(std::string_view what);

// UNAVAILABLE, reason ENGINE_STREAM_BROKEN: the answer ended without its last line.
absl::Status StreamEndedEarly();

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_ENGINE_ERRORS_H_
