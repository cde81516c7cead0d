// SPDX-License-Identifier: Apache-2.0
//
// A list of progress lines that leaves one by one, as pull and create send them.
#ifndef TESSERA_SIMULATOR_PROGRESS_STREAM_H_
#define TESSERA_SIMULATOR_PROGRESS_STREAM_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/exchange.h"
#include "simulator/fault.h"

namespace tessera::simulator {

struct ProgressLine {
  std::string json;
  SteadyDuration before = SteadyDuration::zero();  // pause before the line
  bool is_error = false;                           // ends the stream
  std::function<void()> on_sent;                   // may be empty
};

using ProgressLines = std::deque<ProgressLine>;

// {"status": status} and {"error": text}; the latter ends the stream.
void AddStatus(ProgressLines& lines, std::string_view status);
void AddError(ProgressLines& lines, std::string_view text);

// Answers `exchange` with the lines; see ProgressStream.
void StartProgress(const std::shared_ptr<Exchange>& exchange, bool stream, ProgressLines lines,
                   std::optional<Fault> fault);

// Runs on its exchange's loop. With `stream` false only the outcome is sent: the last line, or the
// error with status 500.
class ProgressStream : public Activity, public std::enable_shared_from_this<ProgressStream> {
 public:
  ProgressStream(Exchange* exchange, bool stream, ProgressLines lines, std::optional<Fault> fault);
  ~ProgressStream() override;

  // Called once; the exchange must already hold this activity.
  void Start() { Continue(); }

  void OnClientGone() override { Leave(); }
  void OnEnded() override { Leave(); }

 private:
  void Continue();
  bool FaultTakesOver();
  void Fail(const std::string& json);
  void Leave();

  Exchange* const exchange_;  // owns this; not to be used once over_
  EventLoop* const loop_;
  const bool stream_;
  ProgressLines lines_;
  std::optional<Fault> fault_;
  int sent_ = 0;
  bool over_ = false;
  bool waited_ = false;  // for the line at the front
  EventLoop::TimerId timer_ = 0;
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_PROGRESS_STREAM_H_
