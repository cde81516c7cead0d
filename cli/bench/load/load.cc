// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/load/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace tessera::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMostOpen = 2000;
constexpr auto kPoll = std::chrono::milliseconds(1);

double Milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Collects from many threads.
class Recorder {
 public:
  void Add(double ms, bool ok) {
    const std::lock_guard lock(mutex_);
    if (ok) {
      found_.ms.push_back(ms);
    } else {
      found_.failed_ms.push_back(ms);
      ++found_.failed;
    }
  }
  void AddUnsent() {
    const std::lock_guard lock(mutex_);
    ++found_.failed;
  }
  Latencies Take(double seconds) {
    const std::lock_guard lock(mutex_);
    std::sort(found_.ms.begin(), found_.ms.end());
    std::sort(found_.failed_ms.begin(), found_.failed_ms.end());
    found_.seconds = seconds;
    return std::move(found_);
  }

 private:
  std::mutex mutex_;
  Latencies found_;
};

// Finds "@123@" in pieces that may be cut anywhere.
class StampReader {
 public:
  void Feed(std::string_view bytes, Recorder& recorder) {
    const auto now = Clock::now().time_since_epoch();
    text_ += bytes;
    for (;;) {
      const size_t begin = text_.find('@');
      const size_t end = begin == std::string::npos ? begin : text_.find('@', begin + 1);
      if (end == std::string::npos) break;
      int64_t ns = 0;
      std::from_chars(text_.data() + begin + 1, text_.data() + end, ns);
      recorder.Add(Milliseconds(now - std::chrono::nanoseconds(ns)), ns > 0);
      text_.erase(0, end + 1);
    }
  }

 private:
  std::string text_;
};

}  // namespace

double Latencies::At(double quantile) const {
  if (ms.empty()) return 0;
  const auto index = static_cast<size_t>(quantile * static_cast<double>(ms.size()));
  return ms[std::min(index, ms.size() - 1)];
}

Latencies ClosedLoop(Target& target, int clients, double seconds, const Stopped& stopped) {
  Recorder recorder;
  std::atomic<int> running = clients;
  std::atomic<bool> stopping = false;
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration<double>(seconds);
  std::function<void()> next = [&] {
    const auto start = Clock::now();
    if (start >= end || stopping) {
      --running;
      return;
    }
    target.Send({.on_done = [&, start](bool ok) {
      recorder.Add(Milliseconds(Clock::now() - start), ok);
      next();
    }});
  };
  for (int i = 0; i < clients; ++i) next();
  while (running > 0) {
    if (!stopping && stopped && stopped()) {
      stopping = true;
      target.CancelAll();
    }
    std::this_thread::sleep_for(kPoll);
  }
  return recorder.Take(std::chrono::duration<double>(Clock::now() - begin).count());
}

Latencies OpenLoop(Target& target, double per_second, double seconds, const Stopped& stopped) {
  Recorder recorder;
  std::atomic<int> open = 0;
  const auto start = Clock::now();
  const int total = static_cast<int>(per_second * seconds);
  for (int i = 0; i < total; ++i) {
    const auto due = start + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(i / per_second));
    std::this_thread::sleep_until(due);
    if (stopped && stopped()) break;
    if (open >= kMostOpen) {
      for (; i < total; ++i) recorder.AddUnsent();
      break;
    }
    ++open;
    target.Send({.on_done = [&, due](bool ok) {
      recorder.Add(Milliseconds(Clock::now() - due), ok);
      --open;
    }});
  }
  for (bool cancelled = false; open > 0;) {
    if (!cancelled && stopped && stopped()) {
      cancelled = true;
      target.CancelAll();
    }
    std::this_thread::sleep_for(kPoll);
  }
  // Few answers may all be there before the schedule ends; the rate is still that of the schedule.
  const double lasted = std::chrono::duration<double>(Clock::now() - start).count();
  return recorder.Take(stopped && stopped() ? lasted : std::max(lasted, seconds));
}

Latencies PieceDelays(Target& target, int streams) {
  Recorder recorder;
  std::atomic<int> open = streams;
  const auto start = Clock::now();
  for (int i = 0; i < streams; ++i) {
    auto reader = std::make_shared<StampReader>();
    target.Send(
        {.on_piece = [&recorder, reader](std::string_view bytes) { reader->Feed(bytes, recorder); },
         .on_done =
             [&](bool ok) {
               if (!ok) recorder.Add(Milliseconds(Clock::now() - start), false);
               --open;
             }});
  }
  while (open > 0) std::this_thread::sleep_for(kPoll);
  return recorder.Take(std::chrono::duration<double>(Clock::now() - start).count());
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string WithSpread(const std::vector<double>& values, int decimals) {
  if (values.empty()) return "-";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return fmt::format("{:.{}f} [{:.{}f}, {:.{}f}]", Median(values), decimals, *low, decimals, *high,
                     decimals);
}

}  // namespace tessera::bench
