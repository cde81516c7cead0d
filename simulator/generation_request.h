// SPDX-License-Identifier: Apache-2.0
//
// A parsed /api/chat or /api/generate body.
#ifndef TESSERA_SIMULATOR_GENERATION_REQUEST_H_
#define TESSERA_SIMULATOR_GENERATION_REQUEST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "simulator/journal.h"
#include "simulator/model_spec.h"
#include "simulator/request_error.h"
#include "simulator/scheduler.h"

namespace tessera::simulator {

struct RequestPicture {
  ReceivedPicture received;
  bool loadable = false;  // an engine could decode it
};

struct RequestTool {
  std::string name;
  std::string parameters_json;  // JSON schema, or empty
};

enum class ThinkMode { kUnset, kOff, kOn };
enum class FormatKind { kNone, kJson, kSchema };

struct GenerationRequest {
  std::string model;
  // The last user message of a chat, or the prompt.
  std::string prompt;
  std::string last_role;
  std::vector<RequestPicture> pictures;
  std::vector<RequestTool> tools;
  std::string schema_json;
  std::string bad_format;  // what stands for an unusable format, as JSON
  std::vector<std::string> stop;
  size_t message_count = 0;
  std::optional<absl::Duration> keep_alive;
  // Runner options; unset ones come from the model.
  std::optional<int> num_ctx, num_batch, num_gpu, num_thread, main_gpu, draft_num_predict;
  int num_predict = -1;
  int words = 0;  // of all messages, or of system and prompt
  int top_logprobs = 0;
  FormatKind format = FormatKind::kNone;
  ThinkMode think = ThinkMode::kUnset;
  std::optional<bool> use_mmap, truncate, shift;
  bool is_chat = false;
  bool stream = true;
  bool raw = false;
  bool wants_insert = false;  // suffix
  bool logprobs = false;

  // The settings a runner needs for this request.
  RunnerSettings Settings(const ModelSpec& model, int default_num_ctx) const;
};

// Reads `body`. A body that Ollama refuses before it looks for the model gives 400; option errors,
// which it reports later and as 500, are left in `option_error`.
RequestError ParseGenerationRequest(bool is_chat, std::string& body, EngineGeneration generation,
                                    GenerationRequest* request, std::string* option_error);

// Blank-separated words: the simulator's tokens.
int CountWords(std::string_view text);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_GENERATION_REQUEST_H_
