// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_HTTP_REQUEST_CHECK_H_
#define TESSERA_COMMON_HTTP_HTTP_REQUEST_CHECK_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/http/http_client.h"

namespace tessera {

// Where a URL leads: "host:port", the port always written out. INVALID_ARGUMENT /
// HTTP_URL_INVALID for anything but an absolute http or https URL without credentials. The error
// does not repeat a URL that carries a password.
absl::StatusOr<std::string> EndpointOf(const std::string& url);

// Refuses what would not survive on the wire as it was meant: line breaks in the method or in a
// header, headers that frame the message, limits that are not positive. INVALID_ARGUMENT /
// HTTP_REQUEST_INVALID.
absl::Status CheckHttpRequest(const HttpRequest& request);

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_HTTP_REQUEST_CHECK_H_
