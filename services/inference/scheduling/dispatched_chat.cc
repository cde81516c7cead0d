// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/dispatched_chat.h"

#include <algorithm>
#include <utility>

#include "common/logging/log.h"
#include "common/status/error.h"
#include "services/inference/scheduling/context_check.h"
#include "services/inference/scheduling/dispatch_errors.h"

namespace tessera::inference {
namespace {
// Below this a request is turned into JSON faster than it can be handed to another thread.
constexpr size_t kInlineBytes = 64 << 10;
}  // namespace

// Hears one try.
class DispatchedChat::Attempt : public ChatObserver {
 public:
  explicit Attempt(std::shared_ptr<DispatchedChat> chat) : chat_(std::move(chat)) {}
  absl::Status OnPiece(const ChatPiece& piece) override { return chat_->OnPiece(piece); }
  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override {
    chat_->OnAttemptEnd(std::move(outcome));
  }

 private:
  const std::shared_ptr<DispatchedChat> chat_;
};

DispatchedChat::DispatchedChat(ChatJob job, std::shared_ptr<DispatchObserver> observer,
                               DispatchServices& services, JobRouter& router)
    : job_(std::move(job)),
      observer_(std::move(observer)),
      services_(services),
      router_(router),
      submitted_at_(services.clock.Now()) {
  priority = job_.priority;
  client = job_.client;
  QueueEntry::bytes = job_.bytes;
  deadline = job_.deadline;
  runtime_key = job_.runtime_key;
  may_go_ahead = job_.may_go_ahead;
  size = {.pictures = static_cast<uint32_t>(job_.pictures.size()),
          .max_output_tokens = job_.max_output_tokens,
          .embeds = job_.embeds};
}

void DispatchedChat::Begin() {
  services_.budget.OnRequest();
  absl::Status refused = services_.poison.Check(job_.model, job_.pictures, submitted_at_);
  if (refused.ok() && submitted_at_ >= deadline) refused = Abandoned(deadline, submitted_at_);
  if (refused.ok()) refused = router_.Route(shared_from_this(), /*anew=*/false);
  if (!refused.ok()) Refuse(std::move(refused));
}

void DispatchedChat::Approach(Backend& backend, ModelLane& lane, uint32_t prompt_tokens) {
  backend_ = &backend;
  lane_ = &lane;
  prompt_tokens_ = size.prompt_tokens = prompt_tokens;
  MutexLock lock(&mutex_);
  waiting_in_ = &lane;
  if (state_ != State::kEnded) state_ = State::kWaiting;
}

void DispatchedChat::Wait(const QueuedPhase& phase) {
  TellQueued(phase);
  ModelLane* lane = nullptr;
  {
    MutexLock lock(&mutex_);
    if (cancelled_) lane = waiting_in_;
  }
  // A cancellation that came before the lane had the job in its queue found nothing to take out.
  if (lane != nullptr && lane->Withdraw(*this)) {
    Refuse(Abandoned(deadline, services_.clock.Now()));
  }
}

void DispatchedChat::TellQueued(const QueuedPhase& phase) {
  strand_.Run([self = shared_from_this(), phase] {
    {
      // It may have moved on meanwhile.
      MutexLock lock(&self->mutex_);
      if (self->state_ != State::kWaiting || self->cancelled_) return;
    }
    self->observer_->OnPhase(phase);
  });
}

void DispatchedChat::TellPrefill() {
  strand_.Run([self = shared_from_this()] {
    {
      MutexLock lock(&self->mutex_);
      if (self->state_ != State::kRunning) return;
    }
    if (self->heard_ || self->prefill_event_sent_.exchange(true)) return;
    self->observer_->OnPhase(PrefillPhase{.predicted_prompt_tokens = self->prompt_tokens_});
  });
}

void DispatchedChat::Run() {
  strand_.Run([self = shared_from_this()] {
    const absl::Time now = self->services_.clock.Now();
    uint32_t attempt = 0;
    bool cancelled = false;
    {
      MutexLock lock(&self->mutex_);
      self->state_ = State::kRunning;
      cancelled = self->cancelled_ || now >= self->deadline;
      self->given_up_ = absl::OkStatus();
      self->handle_ = nullptr;
      attempt = ++self->sending_;
    }
    if (self->attempts_ == 0) self->first_prediction_ = self->predicted_wait;
    if (cancelled) return self->NeverSent(Abandoned(self->deadline, now));
    ++self->attempts_;
    self->tried_ |= uint64_t{1} << (self->backend_->number() % 64);
    self->heard_ = self->prefill_event_sent_ = false;
    if (self->cold) {
      self->observer_->OnPhase(LoadingPhase{.predicted = self->expected_load});
    } else if (self->handed_ahead) {
      self->observer_->OnPhase(QueuedPhase{
          .position = 0,
          .predicted_wait =
              std::max(self->enqueued_at + self->predicted_wait - now, absl::ZeroDuration())});
    } else {
      self->observer_->OnPhase(PrefillPhase{.predicted_prompt_tokens = self->prompt_tokens_});
    }
    if (self->job_.bytes <= kInlineBytes) {
      self->Send(attempt);
    } else if (absl::Status full =
                   self->services_.pool.TrySubmit([self, attempt] { self->Send(attempt); });
               !full.ok()) {
      self->NeverSent(std::move(full));
    }
  });
}

void DispatchedChat::Send(uint32_t attempt) {
  const absl::Time now = services_.clock.Now();
  if (IsCancelled()) return NeverSent(Abandoned(deadline, now));
  if (attempts_ == 1) self_time_ += now - submitted_at_ - (started_at - enqueued_at);
  // Not under the lock, so that Cancel need not wait while large pictures are encoded.
  std::shared_ptr<ChatHandle> handle =
      job_.start(backend_->engine(), std::make_shared<Attempt>(shared_from_this()));
  bool stop = false;
  {
    MutexLock lock(&mutex_);
    // The try may have ended already, and the next one begun.
    if (sending_ != attempt || state_ != State::kRunning) return;
    handle_ = handle;
    stop = cancelled_ || !given_up_.ok();
  }
  if (stop) handle->Cancel();
}

absl::Status DispatchedChat::OnPiece(const ChatPiece& piece) {
  const absl::Time now = services_.clock.Now();
  if (!heard_) {
    // It had its slot, even if nobody was told so far.
    if (handed_ahead) {
      TellPrefill();
      strand_.WaitForOthers();
    }
    heard_ = true;
    lane_->OnFirstToken(*this, now);
    strand_.WaitForOthers();
  } else {
    services_.metrics.between_pieces().Observe(absl::ToDoubleSeconds(now - last_piece_at_));
  }
  last_piece_at_ = now;
  pieces.fetch_add(1, std::memory_order_relaxed);
  observers_error_ = observer_->OnPiece(piece);
  self_time_ += services_.clock.Now() - now;
  return observers_error_;
}

absl::Status DispatchedChat::Judge(const absl::StatusOr<ChatOutcome>& outcome, absl::Time now,
                                   ModelLane::End& end) {
  absl::Status stopped;
  bool cancelled = false;
  {
    MutexLock lock(&mutex_);
    stopped = given_up_;
    cancelled = cancelled_;
    end.cancelled_at = cancelled_at_;
  }
  if (outcome.ok() && job_.pictures.empty()) {
    end.kind = ModelLane::EndKind::kAnswered;
    return absl::OkStatus();
  }
  if (outcome.ok()) {
    const auto engine = backend_->snapshot();
    absl::Status read =
        CheckPicturesWereRead(job_, *engine, engine->Find(job_.model), outcome->prompt_tokens);
    end.kind = read.ok() ? ModelLane::EndKind::kAnswered : ModelLane::EndKind::kRequestsFault;
    return read;
  }
  end.kind = ModelLane::EndKind::kCancelled;
  if (cancelled) return Abandoned(deadline, now);
  if (!stopped.ok()) {
    end.kind = FaultOf(stopped);
    return stopped;
  }
  if (!observers_error_.ok()) return observers_error_;
  const absl::Status& error = outcome.status();
  // The limit of the engine's call is the deadline of ours: which of the two ended it is chance.
  if ((absl::IsDeadlineExceeded(error) || absl::IsCancelled(error)) && now >= deadline) {
    return Abandoned(deadline, now);
  }
  end.kind = FaultOf(error);
  return error;
}

void DispatchedChat::Learn(const absl::StatusOr<ChatOutcome>& outcome, const absl::Status& error,
                           absl::Time now, ModelLane::End& end) {
  if (error.ok()) {
    end.timing = {.size = size,
                  .output_tokens = outcome->output_tokens,
                  .cold = cold,
                  .first_token = (heard_ ? first_token_at : now) - started_at,
                  .total = now - started_at,
                  .engine_load = outcome->load,
                  .engine_prefill = outcome->prefill};
    if (outcome->prompt_tokens > 0) end.timing.size.prompt_tokens = outcome->prompt_tokens;
    services_.poison.OnAnswer(job_.model, job_.pictures);
    return;
  }
  services_.metrics.wasted_prompt_tokens().Increment(heard_ ? prompt_tokens_ : 0);
  services_.metrics.wasted_output_tokens().Increment(pieces.load(std::memory_order_relaxed));
  if (end.kind == ModelLane::EndKind::kCancelled) {
    const bool loading = cold && !load_seen;
    services_.metrics
        .cancelled(heard_                   ? JobStage::kDecode
                   : loading                ? JobStage::kLoading
                   : !lane_->HasSlot(*this) ? JobStage::kQueued
                                            : JobStage::kPrefill)
        .Increment();
  }
  if (IsUnreachable(error)) backend_->OnUnreachable(now);
  // A runner that never came up was not crashed by a picture.
  if (IsRunnerCrash(error) && (!cold || load_seen || heard_) && !bystander_) {
    const int listed = services_.poison.OnCrash(job_.model, job_.pictures, now);
    if (listed > 0) {
      LogWarning("pictures are refused from now on: the model crashed on them",
                 {{"model", job_.model}, {"pictures", listed}});
    }
  }
}

void DispatchedChat::OnAttemptEnd(absl::StatusOr<ChatOutcome> outcome) {
  const absl::Time now = services_.clock.Now();
  ModelLane::End end;
  absl::Status error = Judge(outcome, now, end);
  bystander_ = end.kind == ModelLane::EndKind::kEnginesFault && lane_->IsBystander(*this);
  Learn(outcome, error, now, end);
  if (bystander_) {
    end.kind = ModelLane::EndKind::kNeverSent;
    --attempts_;
  }
  Backend& backend = *backend_;
  ModelLane& lane = *lane_;
  const bool retry = !error.ok() && MayRetry(error, now);
  {
    MutexLock lock(&mutex_);
    state_ = State::kPlacing;
    handle_ = nullptr;
  }
  // Before anything else: the slot is what everybody waits for.
  router_.Carry(backend, lane, lane.Finish(*this, end, now));
  queue_wait_ += waited;
  // Not ahead again: where everything fails, that is a failure like others.
  if (bystander_) may_go_ahead = false;
  if (retry) return Retry(error, now);
  if (!error.ok()) return End(std::move(error));
  outcome->dispatch = {.backend = backend.number(),
                       .attempts = attempts_,
                       .queue_wait = queue_wait_,
                       .predicted_wait = first_prediction_};
  End(std::move(outcome));
}

bool DispatchedChat::MayRetry(const absl::Status& error, absl::Time now) {
  if (attempts_ > services_.max_retries || now >= deadline) return false;
  if (heard_ && !job_.forgets_pieces) return false;
  const RetryWhere where = WhereToRetry(error);
  if (IsCancelled()) return false;
  if (bystander_) return true;
  if (where == RetryWhere::kNowhere) return false;
  if (where == RetryWhere::kElsewhere && !router_.HasUntried(*this)) return false;
  // A cure costs every job a try that nothing was wrong with.
  if (ReasonOf(error) == "ENGINE_WEDGED" || services_.budget.TryRetry()) return true;
  services_.metrics.retries_without_budget().Increment();
  return false;
}

void DispatchedChat::Retry(const absl::Status& error, absl::Time now) {
  const std::string reason = ReasonOf(error);
  services_.metrics.CountRetry(reason);
  last_error_ = error;
  strand_.Run([self = shared_from_this(), reason, now] {
    self->observer_->OnPhase(RetryingPhase{.attempts = self->attempts_, .reason = reason});
    if (self->bystander_ || reason == "ENGINE_WEDGED" || self->router_.HasUntried(*self))
      return self->Reroute();
    // The same engine again: not at once.
    const absl::Duration backoff =
        self->services_.first_backoff * (int64_t{1} << (self->attempts_ - 1));
    if (now + backoff >= self->deadline) return self->End(self->last_error_);
    if (!self->Enter(State::kDelayed)) {
      return self->End(Abandoned(self->deadline, now));
    }
    self->router_.RouteLater(self, now + backoff);
  });
}

void DispatchedChat::Reroute() {
  const absl::Time now = services_.clock.Now();
  if (!Enter(State::kPlacing)) return Refuse(Abandoned(deadline, now));
  absl::Status refused = services_.poison.Check(job_.model, job_.pictures, now);
  if (refused.ok() && now >= deadline) refused = Abandoned(deadline, now);
  if (refused.ok()) refused = router_.Route(shared_from_this(), /*anew=*/true);
  if (refused.ok()) return;
  // What went wrong says more than that nobody else would have it.
  Refuse(!last_error_.ok() && absl::IsUnavailable(refused) ? last_error_ : std::move(refused));
}

void DispatchedChat::Expire() { Refuse(Abandoned(deadline, services_.clock.Now())); }

void DispatchedChat::Refuse(absl::Status error) {
  if (!Claim()) return;
  if (absl::IsCancelled(error) || ReasonOf(error) == "DEADLINE_EXCEEDED") {
    services_.metrics.cancelled(JobStage::kQueued).Increment();
  } else if (attempts_ == 0) {
    services_.metrics.CountRefusal(ReasonOf(error));
  }
  Tell(std::move(error));
}

void DispatchedChat::NeverSent(absl::Status error) {
  const absl::Time now = services_.clock.Now();
  if (absl::IsCancelled(error) || absl::IsDeadlineExceeded(error)) {
    services_.metrics.cancelled(JobStage::kQueued).Increment();
  }
  router_.Carry(*backend_, *lane_,
                lane_->Finish(*this, {.kind = ModelLane::EndKind::kNeverSent, .timing = {}}, now));
  End(std::move(error));
}

void DispatchedChat::GiveUp(absl::Status error) {
  std::shared_ptr<ChatHandle> handle;
  {
    MutexLock lock(&mutex_);
    if (state_ != State::kRunning || !given_up_.ok()) return;
    given_up_ = std::move(error);
    handle = handle_;
  }
  if (handle != nullptr) handle->Cancel();
}

void DispatchedChat::Cancel() {
  std::shared_ptr<ChatHandle> handle;
  State state;
  ModelLane* lane = nullptr;
  {
    MutexLock lock(&mutex_);
    if (cancelled_ || state_ == State::kEnded) return;
    cancelled_ = true;
    cancelled_at_ = services_.clock.Now();
    state = state_;
    handle = handle_;
    lane = waiting_in_;
  }
  if (handle != nullptr) handle->Cancel();
  // Whoever has it delayed will find it ended.
  const bool left = state == State::kDelayed || (state == State::kWaiting && lane->Withdraw(*this));
  if (left) Refuse(Abandoned(deadline, services_.clock.Now()));
}

bool DispatchedChat::IsCancelled() {
  MutexLock lock(&mutex_);
  return cancelled_;
}

bool DispatchedChat::Enter(State state) {
  MutexLock lock(&mutex_);
  if (state_ == State::kEnded) return false;
  state_ = state;
  return !cancelled_;
}

bool DispatchedChat::Claim() {
  MutexLock lock(&mutex_);
  if (state_ == State::kEnded) return false;
  state_ = State::kEnded;
  return true;
}

void DispatchedChat::End(absl::StatusOr<ChatOutcome> outcome) {
  if (Claim()) Tell(std::move(outcome));
}

void DispatchedChat::Tell(absl::StatusOr<ChatOutcome> outcome) {
  strand_.Run([self = shared_from_this(), outcome = std::move(outcome)]() mutable {
    const absl::Time before = self->services_.clock.Now();
    const std::shared_ptr<DispatchObserver> observer = std::move(self->observer_);
    self->job_.start = nullptr;
    observer->OnEnd(std::move(outcome));
    self->self_time_ += self->services_.clock.Now() - before;
    self->services_.metrics.self_seconds().Observe(absl::ToDoubleSeconds(self->self_time_));
    self->router_.OnJobEnd(self->job_.bytes);
  });
}

}  // namespace tessera::inference
