// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_FETCH_ALL_H_
#define TESSERA_COMMON_HTTP_FETCH_ALL_H_

#include "absl/status/statusor.h"
#include "common/http/collecting_sink.h"
#include "common/http/http_client.h"

namespace tessera {

// Sends a request and waits for the whole answer.
//
// BLOCKS for as long as the request's limits allow. For start-up, the command line and tests: never
// call it on a gRPC thread, and never on the client's I/O thread (inside a sink), where it would
// wait for itself. The body is bounded by limits.max_response_bytes. Errors are those of
// HttpResponseSink::OnDone.
absl::StatusOr<HttpResponse> FetchAll(HttpClient& client, HttpRequest request);

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_FETCH_ALL_H_
