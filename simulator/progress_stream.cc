// SPDX-License-Identifier: Apache-2.0
#include "simulator/progress_stream.h"

#include <utility>

#include "simulator/json_text.h"
#include "simulator/text.h"

namespace tessera::simulator {

void AddStatus(ProgressLines& lines, std::string_view status) {
  lines.push_back({.json = Concat("{\"status\":", Quoted(status), "}")});
}

void AddError(ProgressLines& lines, std::string_view text) {
  lines.push_back({.json = Concat("{\"error\":", Quoted(text), "}"), .is_error = true});
}

void StartProgress(const std::shared_ptr<Exchange>& exchange, bool stream, ProgressLines lines,
                   std::optional<Fault> fault) {
  auto progress =
      std::make_shared<ProgressStream>(exchange.get(), stream, std::move(lines), std::move(fault));
  exchange->Run(progress);
  progress->Start();
}

ProgressStream::ProgressStream(Exchange* exchange, bool stream, ProgressLines lines,
                               std::optional<Fault> fault)
    : exchange_(exchange),
      loop_(&exchange->loop()),
      stream_(stream),
      lines_(std::move(lines)),
      fault_(std::move(fault)) {}

ProgressStream::~ProgressStream() { loop_->CancelTimer(timer_); }

void ProgressStream::Continue() {
  while (!over_ && !lines_.empty()) {
    if (FaultTakesOver()) {
      return;
    }
    ProgressLine& line = lines_.front();
    if (line.before > SteadyDuration::zero() && !std::exchange(waited_, true)) {
      timer_ = loop_->At(std::chrono::steady_clock::now() + line.before, [this] {
        const auto self = shared_from_this();
        Continue();
      });
      return;
    }
    waited_ = false;
    if (line.on_sent) {
      line.on_sent();
    }
    if (line.is_error) {
      Fail(line.json);
      return;
    }
    ++sent_;
    if (stream_) {
      exchange_->SendLine(Concat(line.json, "\n"));
    } else if (lines_.size() == 1) {
      exchange_->Reply(200, kPlainJsonType, line.json);
      return;
    }
    lines_.pop_front();
  }
  if (!over_) {
    exchange_->EndStream();
  }
}

bool ProgressStream::FaultTakesOver() {
  if (!fault_.has_value() || sent_ < fault_->after_lines) {
    return false;
  }
  switch (fault_->kind) {
    case Fault::Kind::kError:
      Fail(Concat("{\"error\":", Quoted(fault_->text), "}"));
      return true;
    case Fault::Kind::kReset:
      exchange_->Reset(/*flushed=*/true);
      return true;
    case Fault::Kind::kAbort:
      exchange_->CloseAbruptly();
      return true;
    case Fault::Kind::kClose:
      exchange_->EndStream();
      return true;
    case Fault::Kind::kSilent:
      return true;
    default:
      return false;
  }
}

void ProgressStream::Fail(const std::string& json) {
  if (stream_ && sent_ > 0) {
    exchange_->SendLine(Concat(json, "\n"));
    exchange_->EndStream();
  } else {
    exchange_->ReplyRunnerErrorJson(500, json);
  }
}

void ProgressStream::Leave() {
  over_ = true;
  loop_->CancelTimer(timer_);
}

}  // namespace tessera::simulator
