// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/offload_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/logging/log.h"
#include "common/status/error.h"

namespace tessera::inference {
namespace {

// Engines round their counts.
constexpr double kSmallestRatio = 0.01;

class EndedHandle : public ChatHandle {
 public:
  void Cancel() override {}
};

bool IsOffloaded(const LoadedModel& model) { return OffloadRatio(model) >= kSmallestRatio; }

}  // namespace

OffloadPolicy OffloadPolicyOf(std::string_view name) {
  if (name == "refuse") return OffloadPolicy::kRefuse;
  return name == "warn" ? OffloadPolicy::kWarn : OffloadPolicy::kAllow;
}

double OffloadRatio(const LoadedModel& model) {
  if (model.size_bytes == 0) return 0;
  const double on_gpu =
      static_cast<double>(model.size_vram_bytes) / static_cast<double>(model.size_bytes);
  // Ollama can report more on the GPU than in all.
  return std::clamp(1 - on_gpu, 0.0, 1.0);
}

std::shared_ptr<ChatHandle> OffloadGuard::Submit(ChatJob job,
                                                 std::shared_ptr<DispatchObserver> observer) {
  if (policy_ == OffloadPolicy::kRefuse) {
    const auto snapshot = catalog_.Latest();
    const LoadedModel* const loaded = snapshot->FindLoaded(job.model);
    if (loaded != nullptr && IsOffloaded(*loaded)) {
      const std::string share = fmt::format("{:.0f}", OffloadRatio(*loaded) * 100);
      observer->OnEnd(MakeError(
          absl::StatusCode::kFailedPrecondition, "MODEL_OFFLOADED",
          fmt::format("{} % of {} is not in GPU memory, and --offload=refuse forbids that", share,
                      job.model),
          {.metadata = {{"model", job.model}, {"offloadedPercent", share}}}));
      return std::make_shared<EndedHandle>();
    }
  }
  return next_.Submit(std::move(job), std::move(observer));
}

void OffloadGuard::OnEngineLook(const EngineSnapshot& snapshot) {
  if (policy_ == OffloadPolicy::kAllow) return;
  std::set<std::string> offloaded;
  for (const LoadedModel& model : snapshot.loaded) {
    if (IsOffloaded(model)) offloaded.insert(model.name);
  }
  MutexLock lock(&mutex_);
  for (const LoadedModel& model : snapshot.loaded) {
    if (!offloaded.contains(model.name) || told_.contains(model.name)) continue;
    LogWarning("model is not all in GPU memory", {{"model", model.name},
                                                  {"offload_ratio", OffloadRatio(model)},
                                                  {"size_bytes", model.size_bytes}});
  }
  told_ = std::move(offloaded);
}

}  // namespace tessera::inference
