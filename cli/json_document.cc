// SPDX-License-Identifier: Apache-2.0
#include "cli/json_document.h"

#include <google/protobuf/util/json_util.h>

namespace tessera::cli {

nlohmann::ordered_json ToDocument(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!status.ok()) return nlohmann::ordered_json::object();
  return nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
}

std::string OneLine(const nlohmann::ordered_json& document, bool ascii) {
  return document.dump(-1, ' ', ascii, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace tessera::cli
