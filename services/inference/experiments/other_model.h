// SPDX-License-Identifier: Apache-2.0
//
// The same request, for another model.
#ifndef TESSERA_SERVICES_INFERENCE_EXPERIMENTS_OTHER_MODEL_H_
#define TESSERA_SERVICES_INFERENCE_EXPERIMENTS_OTHER_MODEL_H_

#include <optional>
#include <string>

#include "services/inference/scheduling/chat_job.h"

namespace tessera::inference {

// `job`, asked of `model`. As long-lived as `job`.
ChatJob ForOtherModel(ChatJob job, const std::string& model);

// The same with copies of every text and picture, so that it outlives the call that `job` belongs
// to. Nullopt for jobs that make vectors.
std::optional<ChatJob> CopyForOtherModel(const ChatJob& job, const std::string& model);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_EXPERIMENTS_OTHER_MODEL_H_
