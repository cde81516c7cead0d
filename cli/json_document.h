// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_JSON_DOCUMENT_H_
#define TESSERA_CLI_JSON_DOCUMENT_H_

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <string>

namespace tessera::cli {

// A message in protobuf's JSON form: lowerCamelCase names, 64-bit integers and durations as
// strings, bytes in base64, fields with default values included.
nlohmann::ordered_json ToDocument(const google::protobuf::Message& message);

// `document` on one line. What is not UTF-8 in it is replaced; with `ascii` everything beyond
// printable ASCII is escaped, which makes it safe for a terminal.
std::string OneLine(const nlohmann::ordered_json& document, bool ascii);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_JSON_DOCUMENT_H_
