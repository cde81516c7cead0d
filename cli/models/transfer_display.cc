// SPDX-License-Identifier: Apache-2.0
#include "cli/models/transfer_display.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "absl/time/clock.h"
#include "cli/quantities.h"
#include "cli/terminal/safe_text.h"
#include "common/rpc/proto_time.h"

namespace tessera::cli {
namespace {

// All of a step fits a terminal of 80 columns beside the clock of the progress line.
constexpr int kBarPlaces = 10;
constexpr size_t kDigestPlaces = 6;
constexpr absl::Duration kDocumentInterval = absl::Milliseconds(200);

double ShareOf(const TransferStep& step) {
  if (step.total_bytes == 0) return 0;
  return std::min(1.0,
                  static_cast<double>(step.done_bytes) / static_cast<double>(step.total_bytes));
}

// "21.5/47.7 MiB" where both have the same unit.
std::string SizePairText(uint64_t done, uint64_t total) {
  const std::string first = SizeText(done);
  const std::string second = SizeText(total);
  const size_t first_unit = first.find(' ');
  if (first.substr(first_unit) == second.substr(second.find(' '))) {
    return first.substr(0, first_unit) + "/" + second;
  }
  return first + "/" + second;
}

// The engine names files by twelve digits of their digest; half of them tell them apart.
std::string ShortDigests(const std::string& status) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const size_t word = status.rfind(' ') + 1;
  if (status.size() - word != 12 || status.find_first_not_of(kHex, word) != std::string::npos) {
    return status;
  }
  return status.substr(0, word + kDigestPlaces);
}

std::string RateText(const TransferStep& step) {
  std::string text;
  if (step.bytes_per_second > 0) {
    text += fmt::format("  {}/s", SizeText(static_cast<uint64_t>(step.bytes_per_second)));
  }
  if (step.time_left && step.done_bytes < step.total_bytes) {
    text += fmt::format("  {} left", ClockText(*step.time_left));
  }
  return text;
}

}  // namespace

std::string BarText(double share, int width) {
  const double clamped = std::clamp(std::isnan(share) ? 0.0 : share, 0.0, 1.0);
  const int full = static_cast<int>(std::floor(clamped * width));
  std::string bar(full, '=');
  if (full < width) bar += '>';
  bar.resize(width, ' ');
  return fmt::format("[{}] {:3d} %", bar, static_cast<int>(std::floor(clamped * 100)));
}

std::string ClockText(absl::Duration duration) {
  const int64_t seconds =
      std::max<int64_t>(0, absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))));
  if (seconds >= 3600) {
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

void TransferDisplay::Show(const model::v1::ModelProgress& progress) {
  TransferStep step{.status = progress.status(),
                    .digest = progress.digest(),
                    .done_bytes = progress.completed_bytes(),
                    .total_bytes = progress.total_bytes(),
                    .bytes_per_second = progress.bytes_per_second(),
                    .time_left = std::nullopt};
  if (progress.has_time_left()) step.time_left = FromProto(progress.time_left());
  Show(step);
}

void TransferDisplay::ShowOwn(std::string_view what, uint64_t done, uint64_t total) {
  if (metered_ != what) {
    metered_ = std::string(what);
    meter_.Reset();
  }
  meter_.Update(done, total, absl::Now());
  Show({.status = std::string(what),
        .digest = "",
        .done_bytes = done,
        .total_bytes = total,
        .bytes_per_second = meter_.rate(),
        .time_left = meter_.time_left()});
}

void TransferDisplay::Show(const TransferStep& step) {
  if (session_.options().json) {
    const bool is_new = step.status != shown_status_;
    const bool complete = step.total_bytes > 0 && step.done_bytes == step.total_bytes;
    if (!is_new && !complete && absl::Now() - shown_at_ < kDocumentInterval) return;
    nlohmann::ordered_json document = {{"status", step.status}};
    if (!step.digest.empty()) document["digest"] = step.digest;
    if (step.total_bytes > 0) {
      document["completedBytes"] = step.done_bytes;
      document["totalBytes"] = step.total_bytes;
      document["bytesPerSecond"] = step.bytes_per_second;
    }
    if (step.time_left) document["secondsLeft"] = absl::ToDoubleSeconds(*step.time_left);
    session_.PrintDocument({{"progress", document}});
  } else if (session_.terminal().progress().enabled()) {
    ShowBar(step);
  } else {
    ShowLine(step);
  }
  shown_status_ = step.status;
  shown_at_ = absl::Now();
}

void TransferDisplay::ShowBar(const TransferStep& step) {
  if (step.total_bytes == 0) return session_.terminal().progress().Show(step.status);
  std::string text =
      fmt::format("{} {} {}", ShortDigests(step.status), BarText(ShareOf(step), kBarPlaces),
                  SizePairText(step.done_bytes, step.total_bytes));
  if (step.bytes_per_second > 0) {
    text += fmt::format(" {}/s", SizeText(static_cast<uint64_t>(step.bytes_per_second)));
  }
  if (step.time_left && step.done_bytes < step.total_bytes) {
    text += fmt::format(" {} left", ClockText(*step.time_left));
  }
  session_.terminal().progress().Show(text);
}

void TransferDisplay::ShowLine(const TransferStep& step) {
  if (step.status != shown_status_) shown_tenths_ = -1;
  const int tenths = static_cast<int>(std::floor(ShareOf(step) * 10));
  if (step.status == shown_status_ && tenths <= shown_tenths_) return;
  shown_tenths_ = tenths;
  std::string line = SafeWord(step.status);
  if (step.total_bytes > 0) {
    line += fmt::format("  {:3d} %  {} of {}{}", static_cast<int>(ShareOf(step) * 100),
                        SizeText(step.done_bytes), SizeText(step.total_bytes), RateText(step));
  }
  session_.terminal().Err(line + "\n");
}

}  // namespace tessera::cli
