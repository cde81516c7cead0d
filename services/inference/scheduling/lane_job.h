// SPDX-License-Identifier: Apache-2.0
//
// What a lane keeps of a job.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_LANE_JOB_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_LANE_JOB_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "services/inference/scheduling/fair_queue.h"
#include "services/inference/scheduling/rate_model.h"

namespace tessera::inference {

// A job that waits in a lane or runs in one; in one lane at a time. Owned by shared_ptr: the lane
// keeps it alive while it has it. The first part is filled in before the job comes to a lane; the
// rest is guarded by the lane's lock.
struct LaneJob : QueueEntry {
  virtual ~LaneJob() = default;

  JobSize size;
  absl::Time deadline = absl::InfiniteFuture();
  std::string runtime_key;
  bool may_go_ahead = true;  // Given to the engine before there is a slot. Not changed in a lane.
  // Grows with each piece that arrives.
  std::atomic<uint32_t> pieces{0};

  std::shared_ptr<LaneJob> self;  // While it waits.
  absl::Time enqueued_at;
  absl::Duration predicted_wait;
  absl::Duration waited;
  absl::Time next_notice;  // When its position may be told again.
  uint32_t told_position = 0;

  absl::Time started_at;
  // Given to the engine before there was a slot. Does not change while the job runs; in_slot does.
  bool handed_ahead = false;
  bool in_slot = false;
  bool first_token_ahead = false;      // It came while in_slot was false.
  bool beside_fault = false;           // Another one failed while in_slot was false.
  bool reloads = false;                // The model is loaded, with other options.
  absl::Time slot_at;                  // When it had one; of no meaning before that.
  absl::Time expected_end;             // As predicted when it had a slot, and at its first token.
  absl::Time expected_first_token;     // As predicted when it had a slot.
  absl::Duration expected_load;        // Zero when the model is loaded, or was never loaded before.
  bool cold = false;                   // The model was not loaded when it started.
  std::atomic<bool> load_seen{false};  // It is now, though the first token has not come yet.
  bool prefill_told = false;
  bool answering = false;  // It had its first token.
  bool given_up = false;   // The lane has asked for its end.
  absl::Time first_token_at;
  absl::Time loaded_at;
  absl::Time last_progress;
  uint32_t pieces_seen = 0;
  uint32_t pieces_at_overlap = 0;  // When another answer began beside its own.
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_LANE_JOB_H_
