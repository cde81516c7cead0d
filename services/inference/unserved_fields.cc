// SPDX-License-Identifier: Apache-2.0
#include "services/inference/unserved_fields.h"

#include <fmt/format.h>

#include <string>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::inference {
namespace {

absl::Status Refuse(bool is_used, const std::string& field) {
  if (!is_used) return absl::OkStatus();
  return InvalidField(field, "is not served by this version of tessera-inference");
}

absl::Status CheckMessageServed(const v1::Message& message, int index) {
  const std::string prefix = fmt::format("messages[{}].", index);
  TESSERA_RETURN_IF_ERROR(Refuse(message.role() == v1::ROLE_TOOL, prefix + "role ROLE_TOOL"));
  TESSERA_RETURN_IF_ERROR(Refuse(!message.tool_calls().empty(), prefix + "tool_calls"));
  TESSERA_RETURN_IF_ERROR(Refuse(!message.tool_name().empty(), prefix + "tool_name"));
  return Refuse(!message.thinking().empty(), prefix + "thinking");
}

absl::Status CheckSamplingServed(const v1::SamplingOptions& sampling) {
  TESSERA_RETURN_IF_ERROR(Refuse(sampling.has_typical_p(), "sampling.typical_p"));
  TESSERA_RETURN_IF_ERROR(Refuse(sampling.has_repeat_last_n(), "sampling.repeat_last_n"));
  TESSERA_RETURN_IF_ERROR(Refuse(sampling.has_presence_penalty(), "sampling.presence_penalty"));
  TESSERA_RETURN_IF_ERROR(Refuse(sampling.has_frequency_penalty(), "sampling.frequency_penalty"));
  return Refuse(sampling.has_num_keep(), "sampling.num_keep");
}

}  // namespace

absl::Status CheckServed(const v1::GenerateRequest& request) {
  for (int i = 0; i < request.messages_size(); ++i) {
    TESSERA_RETURN_IF_ERROR(CheckMessageServed(request.messages(i), i));
  }
  TESSERA_RETURN_IF_ERROR(CheckSamplingServed(request.sampling()));
  TESSERA_RETURN_IF_ERROR(Refuse(request.has_response_format(), "response_format"));
  TESSERA_RETURN_IF_ERROR(Refuse(request.thinking() != v1::THINKING_UNSPECIFIED, "thinking"));
  TESSERA_RETURN_IF_ERROR(Refuse(!request.tools().empty(), "tools"));
  TESSERA_RETURN_IF_ERROR(Refuse(request.has_top_logprobs(), "top_logprobs"));
  return Refuse(request.has_runtime(), "runtime");
}

absl::Status CheckServed(const v1::ClassifyRequest& request) {
  TESSERA_RETURN_IF_ERROR(Refuse(!request.label_descriptions().empty(), "label_descriptions"));
  TESSERA_RETURN_IF_ERROR(
      Refuse(request.has_max_labels() && request.max_labels() != 1, "max_labels"));
  return Refuse(request.allow_none(), "allow_none");
}

}  // namespace tessera::inference
