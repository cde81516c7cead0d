// SPDX-License-Identifier: Apache-2.0
//
// One request as the dispatcher sees it: whose it is, what it will cost, and how to start it. No
// gRPC, no HTTP and no protos in this header.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_CHAT_JOB_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_CHAT_JOB_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/inference/engine/model_engine.h"

namespace tessera::inference {

// Who goes first where requests wait. Batch gets a tenth of the slots while others wait.
enum class JobPriority { kInteractive, kBatch };

// A picture of a job, as far as it matters for where and whether the job runs.
struct JobPicture {
  std::string digest;  // Of the pixels, any bytes; the same picture has the same.
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  // What it takes of the prompt, by the engine's generation; 0 when that is not known.
  uint32_t tokens_legacy = 0;   // Ollama before 0.30.
  uint32_t tokens_current = 0;  // Ollama 0.30 and later.
};

struct ChatJob {
  std::string model;
  JobPriority priority = JobPriority::kInteractive;
  // Whose request it is: all requests with the same text share one share of the slots.
  std::string client;
  absl::Time deadline = absl::InfiniteFuture();
  size_t bytes = 0;  // Texts and pictures: what the job keeps in memory while it waits.

  uint32_t max_output_tokens = 0;  // 0: not limited.
  uint32_t text_tokens = 0;        // Predicted prompt tokens of the texts alone.
  std::vector<JobPicture> pictures;
  uint32_t context_tokens = 0;  // num_ctx that it asks for; 0: what the model is loaded with.
  bool embeds = false;          // Makes vectors: no decoding, no pieces.
  // Options that differ from the model's profile, in any canonical form; empty: none. The engine
  // loads the model anew for each other value.
  std::string runtime_key;

  // Whether it may be given to an engine shortly before there is a slot for it.
  bool may_go_ahead = true;

  // The observer takes back what it has heard when it is told Retrying, so that the job may be
  // tried again even after pieces: true of answers that are collected before anybody sees them.
  bool forgets_pieces = false;

  // Sends the request to `engine`. Called once for each try, never twice at once, by the thread
  // that submits, an engine's I/O thread, or, where `bytes` is large, a worker of the pool: what it
  // captures owns itself, and must not hold the observer's lock. A second call should reuse what
  // the first one encoded (ChatRequest::encoded does).
  std::function<std::shared_ptr<ChatHandle>(ModelEngine& engine,
                                            std::shared_ptr<ChatObserver> observer)>
      start;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_CHAT_JOB_H_
