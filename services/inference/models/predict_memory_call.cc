// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/predict_memory_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/models/engine_management.h"
#include "services/inference/models/management_errors.h"
#include "services/inference/models/memory_prediction.h"
#include "services/inference/models/model_name.h"
#include "services/inference/models/model_replies.h"
#include "services/inference/models/unary_model_call.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;

constexpr uint32_t kMaxContextTokens = 10'000'000;
constexpr uint32_t kMaxParallel = 64;
constexpr int kMaxOthers = 16;
constexpr uint32_t kUsualContextTokens = 4096;

KvCache ToKvCache(api::KvCacheType type) {
  switch (type) {
    case api::KV_CACHE_TYPE_Q8_0:
      return KvCache::kQ8_0;
    case api::KV_CACHE_TYPE_Q4_0:
      return KvCache::kQ4_0;
    default:
      return KvCache::kF16;
  }
}

api::MemoryUse ToMessage(const std::string& model, const MemorySetting& setting,
                         const PredictedMemory& memory) {
  api::MemoryUse use;
  use.set_model(model);
  use.set_context_tokens(setting.context_tokens);
  use.set_parallel(setting.slots);
  use.set_text_weight_bytes(memory.text_weights);
  use.set_vision_weight_bytes(memory.vision_weights);
  use.set_kv_cache_bytes(memory.kv_cache);
  use.set_compute_bytes(memory.compute);
  use.set_driver_bytes(memory.driver);
  use.set_gpu_bytes(memory.gpu);
  use.set_engine_count_bytes(memory.engine_count);
  use.set_engine_count_cpu_bytes(memory.engine_count_cpu);
  return use;
}

class PredictMemoryCall : public UnaryModelCall {
 public:
  PredictMemoryCall(const ModelsContext& context_in, grpc::CallbackServerContext* rpc,
                    const api::PredictMemoryRequest* request, api::PredictMemoryResponse* response)
      : UnaryModelCall(context_in, rpc, "PredictMemory"), request_(*request), response_(*response) {
    Begin(ModelCallKind::kQuestion, request->model(), [&] {
      TESSERA_RETURN_IF_ERROR(Check());
      names_ = {request_.model()};
      names_.insert(names_.end(), request_.with_models().begin(), request_.with_models().end());
      AskAboutNext();
      return absl::OkStatus();
    });
  }

 private:
  absl::Status Check() const {
    TESSERA_RETURN_IF_ERROR(CheckModelName("model", request_.model()));
    if (request_.with_models_size() > kMaxOthers) {
      return InvalidField("with_models", "must have at most 16 entries");
    }
    for (const std::string& other : request_.with_models()) {
      TESSERA_RETURN_IF_ERROR(CheckModelName("with_models", other));
    }
    if (request_.context_tokens() > kMaxContextTokens) {
      return InvalidField("context_tokens", "must be at most 10,000,000");
    }
    if (request_.parallel() > kMaxParallel) return InvalidField("parallel", "must be at most 64");
    if (request_.without_flash_attention() &&
        ToKvCache(request_.kv_cache_type()) != KvCache::kF16) {
      return InvalidField("kv_cache_type", "needs flash attention unless it is F16");
    }
    return absl::OkStatus();
  }

  void AskAboutNext() {
    const std::string& name = names_[facts_.size()];
    const uint64_t size_bytes = context().SizeOnDisk(name);
    Ask(ShowRequest(context(), name, deadline()),
        [this, size_bytes](HttpResponse reply) { return Take(reply, size_bytes); });
  }

  absl::Status Take(const HttpResponse& reply, uint64_t size_bytes) {
    if (reply.status != 200) return StatusFromManagementReply(reply.status, reply.body);
    TESSERA_ASSIGN_OR_RETURN(ModelDescription read, ReadModelDescription(reply.body, size_bytes));
    const std::string& name = names_[facts_.size()];
    if (!CanPredict(read.facts)) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "MODEL_METADATA_MISSING",
                       fmt::format("the file of {} does not tell its dimensions", name));
    }
    facts_.push_back(std::move(read.facts));
    if (facts_.size() < names_.size()) {
      AskAboutNext();
    } else {
      Answer();
      Succeed();
    }
    return absl::OkStatus();
  }

  MemorySetting SettingFor(const MemoryFacts& facts, uint32_t context_tokens) const {
    MemorySetting setting;
    setting.context_tokens = context_tokens != 0               ? context_tokens
                             : facts.model_context_tokens != 0 ? facts.model_context_tokens
                                                               : kUsualContextTokens;
    if (facts.trained_context_tokens > 0) {
      setting.context_tokens = std::min(setting.context_tokens, facts.trained_context_tokens);
    }
    setting.slots = OneSlotOnly(facts) ? 1 : std::max<uint32_t>(request_.parallel(), 1);
    setting.kv_cache = ToKvCache(request_.kv_cache_type());
    setting.flash_attention = !request_.without_flash_attention();
    setting.llama_server = context().catalog.Latest()->RunsLlamaServer();
    return setting;
  }

  void Answer() {
    uint64_t others = 0;
    for (size_t i = 1; i < facts_.size(); ++i) {
      const MemorySetting setting = SettingFor(facts_[i], 0);
      const PredictedMemory memory = PredictMemory(facts_[i], setting);
      others += memory.gpu;
      *response_.add_others() = ToMessage(names_[i], setting, memory);
    }
    const MemoryFacts& facts = facts_[0];
    const MemorySetting setting = SettingFor(facts, request_.context_tokens());
    const PredictedMemory memory = PredictMemory(facts, setting);
    const uint64_t gpu = request_.gpu_memory_bytes();
    const uint64_t budget = gpu > others ? gpu - others : 0;
    *response_.mutable_use() = ToMessage(names_[0], setting, memory);
    response_.set_fits(gpu > 0 && memory.gpu <= budget);
    response_.set_largest_context_tokens(LargestContext(facts, setting, budget));
    response_.set_slots_forced_to_one(OneSlotOnly(facts) && request_.parallel() > 1);
    response_.set_estimated_by_general_rule(!ComputeWasMeasured(facts));
    AddChoice(facts, setting, budget, api::KV_CACHE_TYPE_F16, true);
    AddChoice(facts, setting, budget, api::KV_CACHE_TYPE_Q8_0, true);
    AddChoice(facts, setting, budget, api::KV_CACHE_TYPE_Q4_0, true);
    AddChoice(facts, setting, budget, api::KV_CACHE_TYPE_F16, false);
  }

  void AddChoice(const MemoryFacts& facts, MemorySetting setting, uint64_t budget,
                 api::KvCacheType type, bool flash_attention) {
    setting.kv_cache = ToKvCache(type);
    setting.flash_attention = flash_attention;
    const PredictedMemory memory = PredictMemory(facts, setting);
    api::MemoryChoice* const choice = response_.add_choices();
    choice->set_kv_cache_type(type);
    choice->set_without_flash_attention(!flash_attention);
    choice->set_gpu_bytes(memory.gpu);
    choice->set_fits(budget > 0 && memory.gpu <= budget);
    choice->set_largest_context_tokens(LargestContext(facts, setting, budget));
  }

  const api::PredictMemoryRequest& request_;
  api::PredictMemoryResponse& response_;
  std::vector<std::string> names_;
  std::vector<MemoryFacts> facts_;  // Of the first so many names.
};

}  // namespace

grpc::ServerUnaryReactor* StartPredictMemory(const ModelsContext& context,
                                             grpc::CallbackServerContext* rpc,
                                             const api::PredictMemoryRequest* request,
                                             api::PredictMemoryResponse* response) {
  return new PredictMemoryCall(context, rpc, request, response);
}

}  // namespace tessera::inference
