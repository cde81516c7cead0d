// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/run/bench_progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "cli/models/transfer_display.h"

namespace tessera::bench {
namespace {

constexpr int kBarWidth = 20;

}  // namespace

std::string BenchProgressText(std::string_view suite, std::string_view what, double share,
                              std::optional<absl::Duration> left) {
  std::string text = fmt::format("{}  {}: {}", cli::BarText(share, kBarWidth), suite, what);
  if (left) text += fmt::format(", {} left", cli::ClockText(*left));
  return text;
}

void BenchProgress::Begin(std::string_view suite, int steps) {
  suite_ = suite;
  steps_ = std::max(steps, 1);
  step_ = 0;
  told_tenths_ = 0;
  begun_ = absl::Now();
}

void BenchProgress::Step(std::string_view what) {
  const double share = std::min(1.0, static_cast<double>(step_) / steps_);
  std::optional<absl::Duration> left;
  if (step_ > 0) left = (absl::Now() - begun_) * ((steps_ - step_) / static_cast<double>(step_));
  ++step_;
  cli::ProgressLine& line = session_.terminal().progress();
  if (line.enabled()) {
    line.Show(BenchProgressText(suite_, what, share, left));
    return;
  }
  const int tenths = static_cast<int>(share * 10);
  if (session_.options().json || (step_ > 1 && tenths <= told_tenths_)) return;
  told_tenths_ = tenths;
  session_.terminal().Err(BenchProgressText(suite_, what, share, left) + "\n");
}

void BenchProgress::End() { session_.terminal().progress().Hide(); }

}  // namespace tessera::bench
