// SPDX-License-Identifier: Apache-2.0
//
// The life of one /api/chat or /api/generate request once it is known to be good: wait for the
// model and a slot, process the prompt, say the answer at its pace, and go wrong where told to.
#ifndef TESSERA_SIMULATOR_GENERATION_H_
#define TESSERA_SIMULATOR_GENERATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "simulator/answer.h"
#include "simulator/exchange.h"
#include "simulator/generation_request.h"
#include "simulator/simulation.h"
#include "simulator/wire.h"

namespace tessera::simulator {

// Runs on its exchange's loop.
class Generation : public Activity, public std::enable_shared_from_this<Generation> {
 public:
  struct Plan {
    GenerationRequest request;
    ModelRef model;
    AnswerScript script;
    Answer answer;
  };

  Generation(Simulation* simulation, Exchange* exchange, Plan plan);
  ~Generation() override;

  // Called once; the exchange must already hold this activity.
  void Start();

  void OnClientGone() override;
  void OnDrained() override;
  void OnEnded() override;

 private:
  void OnAdmission(const Admission& admission);
  void BeginPrompt(const Admission& admission);
  void BeginAnswer();
  void SayPieces();
  void SayPiece(const Piece& piece);
  const Piece* NextPiece();
  void Finish();
  void AnswerInOnePiece();
  LineEnd MakeEnd(bool done) const;
  void Send(const LineContent& content, const LineEnd* end, int tokens);

  // Plays the fault if it is due after the lines sent so far; true when it took the answer over.
  bool FaultTakesOver();
  void PlayFault();
  // For answers that are one JSON object, `body`; false when the answer is to be sent as it is.
  bool PlayFaultInOnePiece(std::string_view body);
  void SayBigLine();

  SteadyDuration PauseAfter(const Piece& piece);
  SteadyDuration Jittered(absl::Duration pause);
  void After(SteadyTime when, void (Generation::*next)());
  void ReleaseSlot(bool wedged);

  Simulation* const simulation_;
  Exchange* const exchange_;  // owns this; not to be used once over_
  EventLoop* const loop_;
  Plan plan_;
  std::minstd_rand random_;

  Scheduler::TicketId ticket_ = 0;
  std::optional<Admission> early_admission_;  // came while Submit was running
  bool submitting_ = false;
  bool over_ = false;  // the client has gone or the answer has ended
  bool in_prompt_ = false;
  bool blocked_ = false;  // waits for OnDrained
  bool wedged_ = false;
  EventLoop::TimerId timer_ = 0;

  int num_ctx_ = 0;
  int prompt_tokens_ = 0;
  absl::Duration load_duration_;
  SteadyTime prompt_started_{};
  SteadyTime prompt_ends_{};
  SteadyTime answer_started_{};
  SteadyTime next_due_{};
  size_t next_piece_ = 0;
  Piece filler_;
  int lines_ = 0;
  int tokens_ = 0;
  uint64_t big_line_left_ = 0;
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_GENERATION_H_
