// SPDX-License-Identifier: Apache-2.0
#include "services/inference/flight.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/call_errors.h"
#include "common/status/error.h"
#include "services/inference/cache/answer_cache.h"
#include "services/inference/flight_answer.h"
#include "services/inference/flight_table.h"

namespace tessera::inference {
namespace {

constexpr size_t kMaxEchoBytes = 32 << 10;  // Of an answer that its model is shown again.

absl::Status TakenBack() {
  return MakeError(absl::StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN",
                   "the engine broke off and was asked again; what was delivered is void");
}

}  // namespace

Flight::Flight(InferenceContext& context, CheckedChat chat, std::string client, absl::Time deadline,
               std::optional<CacheKey> key)
    : context_(context),
      chat_(std::move(chat)),
      client_(std::move(client)),
      deadline_(deadline),
      key_(key),
      start_(absl::Now()),
      held_(chat_.rules.repair),
      keeps_events_(key_.has_value() || held_) {
  chat_.chat.deadline = deadline;
  if (chat_.embed) chat_.embed->deadline = deadline;
}

void Flight::Depart(std::shared_ptr<FlightRider> rider) {
  {
    MutexLock lock(&mutex_);
    forgets_ = rider->Forgets();
    seats_.push_back(std::make_shared<Seat>(Seat{.rider = std::move(rider)}));
  }
  AnswerCache* const cache = context_.cache;
  if (!key_ || !chat_.reads_cache || cache == nullptr) return Submit();
  // Once more: a flight that was still in the air at the first look may have landed since.
  if (const auto packed = cache->InMemory(*key_); packed != nullptr && LandFromCache(*packed)) {
    return;
  }
  cache->Fetch(*key_, [self = shared_from_this()](std::optional<std::string> packed) {
    if (!packed || !self->LandFromCache(*packed)) self->Submit();
  });
}

bool Flight::Join(std::shared_ptr<FlightRider> rider, absl::Time deadline, JobPriority priority) {
  std::shared_ptr<Seat> seat;
  {
    MutexLock lock(&mutex_);
    const bool waits_longer =
        chat_.priority == JobPriority::kBatch && priority != JobPriority::kBatch;
    if (landing_ || given_up_ || !keeps_events_ || deadline > deadline_ || waits_longer) {
      return false;
    }
    seat = std::make_shared<Seat>(Seat{.rider = std::move(rider), .joined = events_.size()});
    seats_.push_back(seat);
  }
  Serve(seat);
  return true;
}

void Flight::Leave(const FlightRider& rider, const absl::Status& why) {
  std::shared_ptr<Seat> seat;
  {
    MutexLock lock(&mutex_);
    const auto found = std::find_if(seats_.begin(), seats_.end(),
                                    [&](const auto& one) { return one->rider.get() == &rider; });
    if (found == seats_.end() || (*found)->leaves) return;
    seat = *found;
    seat->leaves = why;
  }
  GiveUpIfEmpty();
  Serve(seat);
}

void Flight::GiveUpIfEmpty() {
  std::shared_ptr<ChatHandle> handle;
  {
    MutexLock lock(&mutex_);
    const bool empty = std::all_of(seats_.begin(), seats_.end(),
                                   [](const auto& seat) { return seat->leaves.has_value(); });
    if (!empty || landing_) return;
    given_up_ = true;
    handle = handle_;
  }
  if (handle != nullptr) handle->Cancel();
}

void Flight::Submit() {
  bool given_up = false;
  {
    MutexLock lock(&mutex_);
    given_up = given_up_;
  }
  if (given_up) return Land(AbandonedError(deadline_));
  context_.metrics.in_flight().Increment();
  std::shared_ptr<ChatHandle> handle = context_.dispatcher.Submit(MakeJob(), shared_from_this());
  {
    MutexLock lock(&mutex_);
    if (landing_) return;
    handle_ = handle;
    given_up = given_up_;
  }
  if (given_up) handle->Cancel();
}

ChatJob Flight::MakeJob() {
  ChatJob job = JobOf(chat_, context_.defaults.profiles.Of(chat_.chat.model));
  job.client = client_;
  job.deadline = deadline_;
  {
    MutexLock lock(&mutex_);
    job.forgets_pieces = forgets_;
  }
  job.start = [self = shared_from_this()](ModelEngine& engine,
                                          std::shared_ptr<ChatObserver> observer) {
    return self->chat_.embed ? engine.Embed(*self->chat_.embed, std::move(observer))
                             : engine.Chat(self->chat_.chat, std::move(observer));
  };
  return job;
}

void Flight::OnPhase(const Phase& phase) {
  if (std::holds_alternative<RetryingPhase>(phase)) TakeBack();
  Add(phase);
  ServeAll();
  GiveUpIfEmpty();
}

void Flight::TakeBack() {
  answer_ = {};
  time_to_first_piece_ = absl::InfiniteDuration();
  MutexLock lock(&mutex_);
  events_.clear();
  kept_bytes_ = 0;
  for (const auto& seat : seats_) {
    if (seat->heard_pieces && !seat->rider->Forgets() && !seat->leaves) seat->leaves = TakenBack();
    seat->next = seat->joined = 0;
    seat->heard_pieces = false;
  }
}

absl::Status Flight::OnPiece(const ChatPiece& piece) {
  if (time_to_first_piece_ == absl::InfiniteDuration()) time_to_first_piece_ = absl::Now() - start_;
  if (chat_.rules.json) {
    answer_.text += piece.text;
    if (answer_.text.size() > context_.max_reply_bytes) {
      return ReplyTooLargeError(context_.max_reply_bytes);
    }
  }
  for (const ChatToolCall& call : piece.tool_calls) {
    answer_.calls_tools = true;
    if (!answer_.fault) answer_.fault = chat_.rules.FaultOf(call);
  }
  // Where it can be mended the rest is heard first.
  if (answer_.fault && !MayRepair()) {
    CountCheck(/*conforms=*/false);
    return NotConforming(*answer_.fault);
  }
  Add(std::make_shared<const RecordedPiece>(piece));
  ServeAll();
  MutexLock lock(&mutex_);
  if (!given_up_) return absl::OkStatus();
  return seats_.empty() ? AbandonedError(deadline_) : *seats_.back()->leaves;
}

void Flight::Add(Event event) {
  MutexLock lock(&mutex_);
  if (const auto* piece = std::get_if<std::shared_ptr<const RecordedPiece>>(&event)) {
    kept_bytes_ += (*piece)->bytes();
  }
  events_.push_back(std::move(event));
  // Too much to keep for those who may come.
  if (!held_ && kept_bytes_ > context_.max_reply_bytes) keeps_events_ = false;
}

void Flight::ServeAll() {
  std::vector<std::shared_ptr<Seat>> seats;
  {
    MutexLock lock(&mutex_);
    seats = seats_;
  }
  for (const auto& seat : seats) Serve(seat);
}

void Flight::Serve(const std::shared_ptr<Seat>& seat) {
  {
    MutexLock lock(&mutex_);
    // Whoever serves it now will see what is new.
    if (std::exchange(seat->served, true)) return;
  }
  for (;;) {
    std::optional<Event> event;
    std::optional<absl::StatusOr<v1::Completion>> end;
    {
      MutexLock lock(&mutex_);
      if (!seat->leaves) {
        event = NextEvent(*seat);
        if (!event && landing_) end = landing_;
      } else if (landing_ || seats_.size() > 1) {
        // The last one stays until the engine has let go.
        end.emplace(*seat->leaves);
      }
      if (end) {
        seats_.erase(std::find(seats_.begin(), seats_.end(), seat));
      } else if (!event) {
        DropWhatAllHaveHeard();
        seat->served = false;
        return;
      }
    }
    if (end) return seat->rider->OnLanding(*end);
    Tell(*seat, *event);
  }
}

std::optional<Flight::Event> Flight::NextEvent(Seat& seat) {
  if (held_ && !landing_) return std::nullopt;
  if (held_ && !landing_->ok()) return std::nullopt;
  while (seat.next < events_.size()) {
    const Event& event = events_[seat.next++];
    // Where it stood in the queue some time ago is of no interest to one who has just come.
    const bool is_phase = std::holds_alternative<Phase>(event);
    if (is_phase && seat.next < seat.joined) continue;
    seat.heard_pieces |= !is_phase;
    return event;
  }
  return std::nullopt;
}

void Flight::DropWhatAllHaveHeard() {
  if (keeps_events_) return;
  for (const auto& seat : seats_) {
    if (seat->next < events_.size()) return;
  }
  for (const auto& seat : seats_) seat->next = seat->joined = 0;
  events_.clear();
}

void Flight::Tell(Seat& seat, const Event& event) {
  if (const auto* phase = std::get_if<Phase>(&event)) return seat.rider->OnPhase(*phase);
  const absl::Status status =
      seat.rider->OnPiece(std::get<std::shared_ptr<const RecordedPiece>>(event)->view());
  {
    MutexLock lock(&mutex_);
    if (status.ok() || seat.leaves) return;
    seat.leaves = status;
  }
  GiveUpIfEmpty();
}

void Flight::OnEnd(absl::StatusOr<ChatOutcome> outcome) {
  context_.metrics.in_flight().Decrement();
  if (!outcome.ok()) return Land(outcome.status());
  outcome->prompt_tokens += earlier_prompt_tokens_;
  outcome->output_tokens += earlier_output_tokens_;
  if (!answer_.fault && !answer_.calls_tools) {
    answer_.fault = chat_.rules.FaultOf(answer_.text, outcome->finish);
  }
  CountCheck(!answer_.fault);
  if (answer_.fault) {
    if (MayRepair()) return AskForRepair(*outcome);
    return Land(NotConforming(*answer_.fault));
  }
  v1::Completion completion = CompletionOf(*outcome, answer_.calls_tools);
  completion.set_model(std::string(chat_.chat.model));
  completion.set_repaired(repaired_);
  completion.set_source(v1::ANSWER_SOURCE_ENGINE);
  SetTimes(completion, absl::Now() - start_, time_to_first_piece_);
  Count(completion);
  Land(std::move(completion));
}

void Flight::CountCheck(bool conforms) const {
  if (!chat_.rules.json && chat_.rules.tools.empty()) return;
  context_.metrics.CountCheck(conforms);
  if (repaired_) context_.metrics.CountRepair(conforms);
}

bool Flight::MayRepair() const { return chat_.rules.repair && !repaired_; }

void Flight::AskForRepair(const ChatOutcome& outcome) {
  repaired_ = true;
  earlier_prompt_tokens_ = outcome.prompt_tokens;
  earlier_output_tokens_ = outcome.output_tokens;
  repair_texts_ = {answer_.text.substr(0, kMaxEchoBytes), RepairRequest(*answer_.fault)};
  answer_ = {};
  {
    MutexLock lock(&mutex_);
    events_.clear();
    kept_bytes_ = 0;
    for (const auto& seat : seats_) seat->next = seat->joined = 0;
  }
  chat_.chat.messages.push_back({.role = ChatRole::kAssistant, .text = repair_texts_[0]});
  chat_.chat.messages.push_back({.role = ChatRole::kUser, .text = repair_texts_[1]});
  chat_.chat.encoded = nullptr;
  Submit();
}

void Flight::Count(const v1::Completion& completion) const {
  const ModelSeries& series = context_.metrics.OfModel(
      chat_.chat.model, context_.catalog.Latest()->Find(chat_.chat.model) != nullptr);
  CountEngineWork(completion, series);
}

void Flight::Land(absl::StatusOr<v1::Completion> completion) {
  if (completion.ok() && key_ && chat_.writes_cache && context_.cache != nullptr &&
      completion->source() == v1::ANSWER_SOURCE_ENGINE) {
    std::optional<std::string> packed;
    {
      MutexLock lock(&mutex_);
      if (keeps_events_) packed = Packed(*completion);
    }
    if (packed) context_.cache->Put(*key_, *std::move(packed));
  }
  // After the cache has it, so that whoever does not find the one finds the other.
  if (key_ && context_.flights != nullptr) context_.flights->Remove(*this);
  {
    MutexLock lock(&mutex_);
    landing_ = std::move(completion);
    handle_ = nullptr;
  }
  ServeAll();
}

std::string Flight::Packed(const v1::Completion& completion) const {
  AnswerPacker packer(chat_.embed.has_value());
  for (const Event& event : events_) {
    if (const auto* piece = std::get_if<std::shared_ptr<const RecordedPiece>>(&event)) {
      packer.Add((*piece)->view());
    }
  }
  return packer.Pack(completion);
}

bool Flight::LandFromCache(const std::string& packed) {
  std::optional<UnpackedAnswer> answer = Unpack(packed, chat_.embed.has_value());
  if (!answer) return false;
  Add(std::move(answer->piece));
  Land(std::move(answer->completion));
  return true;
}

}  // namespace tessera::inference
