// SPDX-License-Identifier: Apache-2.0
#include "services/inference/experiments/experiment_dispatcher.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "services/inference/experiments/other_model.h"

namespace tessera::inference {
namespace {

constexpr absl::Duration kLongestShadow = absl::Minutes(5);
// Answers beyond this are compared by their beginning.
constexpr size_t kComparedBytes = 64 << 10;

// A low-discrepancy sequence draws exactly the share, evenly, without a random generator.
constexpr double kGoldenRatio = 0.6180339887498949;

bool IsDrawn(uint64_t number, double share) {
  const double place = static_cast<double>(number) * kGoldenRatio;
  return place - static_cast<double>(static_cast<uint64_t>(place)) < share;
}

void AppendBounded(std::string& text, std::string_view piece) {
  text += piece.substr(0, kComparedBytes - std::min(kComparedBytes, text.size()));
}

void Count(const ExperimentSeries& series, size_t side, const absl::StatusOr<ChatOutcome>& outcome,
           absl::Time begin) {
  if (!outcome.ok()) {
    if (!absl::IsCancelled(outcome.status())) series.failed[side]->Increment();
    return;
  }
  series.requests[side]->Increment();
  series.seconds[side]->Increment(absl::ToDoubleSeconds(absl::Now() - begin));
  series.output_tokens[side]->Increment(outcome->output_tokens);
}

}  // namespace

// Who is served, and which shadows run meanwhile. Thread-safe.
class ExperimentDispatcher::Callers {
 public:
  // Ends every shadow that runs.
  void Came();
  void Left() {
    MutexLock lock(&mutex_);
    --served_;
  }
  // False where somebody is served. A shadow that runs is told of the next caller.
  bool MayRun(const std::shared_ptr<Shadow>& shadow) {
    MutexLock lock(&mutex_);
    if (served_ > 0) return false;
    std::erase_if(shadows_, [](const std::weak_ptr<Shadow>& one) { return one.expired(); });
    shadows_.push_back(shadow);
    return true;
  }

 private:
  Mutex mutex_;
  int64_t served_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::weak_ptr<Shadow>> shadows_ ABSL_GUARDED_BY(mutex_);
};

struct ExperimentDispatcher::State {
  std::atomic<uint64_t> seen = 0;
  std::atomic<size_t> shadows = 0;  // Kept or running.
  ShadowLimits limits;
  Callers callers;
};

// Compares the other model's answer with the first one's.
class ExperimentDispatcher::Shadow : public DispatchObserver {
 public:
  Shadow(std::shared_ptr<State> state, std::shared_ptr<const ExperimentSeries> series,
         std::string expected)
      : state_(std::move(state)), series_(std::move(series)), expected_(std::move(expected)) {}

  ~Shadow() override { --state_->shadows; }

  void OnPhase(const Phase& phase) override {
    // It would wait: whoever waits with it goes first.
    if (std::holds_alternative<QueuedPhase>(phase)) GiveUp();
    if (std::holds_alternative<RetryingPhase>(phase)) text_.clear();
  }
  absl::Status OnPiece(const ChatPiece& piece) override {
    AppendBounded(text_, piece.text);
    return absl::OkStatus();
  }
  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override {
    const bool dropped =
        absl::IsCancelled(outcome.status()) || absl::IsResourceExhausted(outcome.status());
    const ShadowEnd end = dropped              ? ShadowEnd::kDropped
                          : !outcome.ok()      ? ShadowEnd::kFailed
                          : text_ == expected_ ? ShadowEnd::kSame
                                               : ShadowEnd::kDifferent;
    if (!dropped) Count(*series_, 1, outcome, begin_);
    series_->shadows[static_cast<size_t>(end)]->Increment();
  }

  // It was not even begun.
  void Drop() { series_->shadows[static_cast<size_t>(ShadowEnd::kDropped)]->Increment(); }

  // Told once Submit has returned.
  void SetHandle(const std::shared_ptr<ChatHandle>& handle) {
    bool given_up = false;
    {
      MutexLock lock(&mutex_);
      handle_ = handle;
      given_up = given_up_;
    }
    if (given_up) handle->Cancel();
  }

  void GiveUp() {
    std::shared_ptr<ChatHandle> handle;
    {
      MutexLock lock(&mutex_);
      given_up_ = true;
      handle = handle_.lock();
    }
    if (handle != nullptr) handle->Cancel();
  }

 private:
  const std::shared_ptr<State> state_;
  const std::shared_ptr<const ExperimentSeries> series_;
  const std::string expected_;
  const absl::Time begin_ = absl::Now();
  std::string text_;
  Mutex mutex_;
  bool given_up_ ABSL_GUARDED_BY(mutex_) = false;
  // Weak: the handle may hold this observer.
  std::weak_ptr<ChatHandle> handle_ ABSL_GUARDED_BY(mutex_);
};

void ExperimentDispatcher::Callers::Came() {
  std::vector<std::weak_ptr<Shadow>> shadows;
  {
    MutexLock lock(&mutex_);
    ++served_;
    shadows.swap(shadows_);
  }
  for (const auto& one : shadows) {
    if (const auto shadow = one.lock()) shadow->GiveUp();
  }
}

// Passes everything on to the caller's observer, and knows that he is served until the end.
class ExperimentDispatcher::Served : public DispatchObserver {
 public:
  Served(std::shared_ptr<DispatchObserver> observer, std::shared_ptr<State> state)
      : observer_(std::move(observer)), state_(std::move(state)) {
    state_->callers.Came();
  }

  void OnPhase(const Phase& phase) override { observer_->OnPhase(phase); }
  absl::Status OnPiece(const ChatPiece& piece) override { return observer_->OnPiece(piece); }
  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override {
    observer_->OnEnd(std::move(outcome));
    observer_.reset();
    state_->callers.Left();
  }

 protected:
  State& state() { return *state_; }
  const std::shared_ptr<State>& shared_state() { return state_; }

 private:
  std::shared_ptr<DispatchObserver> observer_;
  const std::shared_ptr<State> state_;
};

// Counts as well. With a copy of the job it collects the text, and submits the copy after the
// caller has heard the end.
class ExperimentDispatcher::Watched : public Served {
 public:
  Watched(std::shared_ptr<DispatchObserver> observer, std::shared_ptr<State> state,
          std::shared_ptr<const ExperimentSeries> series, size_t side)
      : Served(std::move(observer), std::move(state)), series_(std::move(series)), side_(side) {}

  void Follow(ChatDispatcher& next, ChatJob copy) {
    next_ = &next;
    copy_ = std::move(copy);
  }

  ~Watched() override {
    if (copy_) --state().shadows;
  }

  void OnPhase(const Phase& phase) override {
    if (std::holds_alternative<RetryingPhase>(phase)) text_.clear();
    Served::OnPhase(phase);
  }
  absl::Status OnPiece(const ChatPiece& piece) override {
    if (copy_) AppendBounded(text_, piece.text);
    return Served::OnPiece(piece);
  }
  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override {
    const bool answered = outcome.ok();
    Count(*series_, side_, outcome, begin_);
    Served::OnEnd(std::move(outcome));
    if (!copy_ || !answered) return;
    ChatJob job = *std::exchange(copy_, std::nullopt);
    job.deadline = absl::Now() + kLongestShadow;
    // It takes over the place among those that are kept.
    const auto shadow = std::make_shared<Shadow>(shared_state(), series_, std::move(text_));
    if (!state().limits.beside_callers && !state().callers.MayRun(shadow)) {
      shadow->Drop();
      return;
    }
    shadow->SetHandle(next_->Submit(std::move(job), shadow));
  }

 private:
  const std::shared_ptr<const ExperimentSeries> series_;
  const size_t side_;
  const absl::Time begin_ = absl::Now();
  ChatDispatcher* next_ = nullptr;
  std::optional<ChatJob> copy_;
  std::string text_;
};

ExperimentDispatcher::ExperimentDispatcher(ChatDispatcher& next, std::vector<ExperimentPlan> plans,
                                           prometheus::Registry& registry,
                                           const ShadowLimits& limits)
    : next_(next),
      plans_(std::move(plans)),
      series_(std::make_shared<const std::vector<ExperimentSeries>>(
          MakeExperimentSeries(registry, plans_))),
      state_(std::make_shared<State>()) {
  state_->limits = limits;
}

ExperimentDispatcher::~ExperimentDispatcher() = default;

std::shared_ptr<ChatHandle> ExperimentDispatcher::Submit(
    ChatJob job, std::shared_ptr<DispatchObserver> observer) {
  for (size_t i = 0; i < plans_.size(); ++i) {
    if (plans_[i].model != job.model) continue;
    return plans_[i].mode == ExperimentMode::kSplit
               ? SubmitSplit(i, std::move(job), std::move(observer))
               : SubmitShadowed(i, std::move(job), std::move(observer));
  }
  if (plans_.empty()) return next_.Submit(std::move(job), std::move(observer));
  return next_.Submit(std::move(job), std::make_shared<Served>(std::move(observer), state_));
}

std::shared_ptr<ChatHandle> ExperimentDispatcher::SubmitSplit(
    size_t index, ChatJob job, std::shared_ptr<DispatchObserver> observer) {
  const ExperimentPlan& plan = plans_[index];
  const bool assigned = IsAssigned(plan, job.client);
  if (assigned) job = ForOtherModel(std::move(job), plan.other);
  return next_.Submit(std::move(job), std::make_shared<Watched>(std::move(observer), state_,
                                                                SeriesOf(index), assigned ? 1 : 0));
}

std::shared_ptr<ChatHandle> ExperimentDispatcher::SubmitShadowed(
    size_t index, ChatJob job, std::shared_ptr<DispatchObserver> observer) {
  const ExperimentPlan& plan = plans_[index];
  auto watched = std::make_shared<Watched>(std::move(observer), state_, SeriesOf(index), 0);
  if (IsDrawn(state_->seen.fetch_add(1) + 1, plan.share)) {
    if (state_->shadows.fetch_add(1) >= state_->limits.most) {
      --state_->shadows;
      (*series_)[index].shadows[static_cast<size_t>(ShadowEnd::kDropped)]->Increment();
    } else if (auto copy = CopyForOtherModel(job, plan.other); copy) {
      copy->priority = JobPriority::kBatch;
      copy->may_go_ahead = false;
      watched->Follow(next_, *std::move(copy));
    } else {
      --state_->shadows;
    }
  }
  return next_.Submit(std::move(job), std::move(watched));
}

}  // namespace tessera::inference
