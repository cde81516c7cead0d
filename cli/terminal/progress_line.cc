// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/progress_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "absl/time/clock.h"
#include "cli/terminal/safe_text.h"

namespace tessera::cli {
namespace {

constexpr std::array<char, 4> kSpinner = {'|', '/', '-', '\\'};
constexpr char kClearLine[] = "\r\x1b[K";
// What takes less than this is not worth a flicker.
constexpr auto kFirstTick = std::chrono::milliseconds(150);
constexpr auto kTick = std::chrono::milliseconds(100);

int TerminalColumns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string ProgressText(std::string_view what, absl::Duration elapsed, int tick, int columns) {
  const std::string clock = fmt::format("{:5.1f} s", absl::ToDoubleSeconds(elapsed));
  std::string text = SafeWord(what);
  // Spinner, two blanks and the clock; the last column stays free, or the terminal wraps.
  const int room = std::max(0, columns - 1 - static_cast<int>(clock.size()) - 4);
  if (static_cast<int>(text.size()) > room) {
    int end = std::max(0, room - 3);
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end) + (room >= 3 ? "..." : "");
  }
  return fmt::format("{} {}  {}", kSpinner[tick % kSpinner.size()], text, clock);
}

ProgressLine::ProgressLine(bool enabled) : enabled_(enabled) {}

ProgressLine::~ProgressLine() {
  {
    std::lock_guard lock(mutex_);
    what_.clear();
    Clear();
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ProgressLine::Show(std::string_view what) {
  if (!enabled_) return;
  std::lock_guard lock(mutex_);
  if (what_.empty()) since_ = absl::Now();
  what_ = std::string(what);
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  if (drawn_) Draw();
  changed_.notify_all();
}

void ProgressLine::Hide() {
  std::lock_guard lock(mutex_);
  what_.clear();
  Clear();
}

void ProgressLine::Aside(absl::FunctionRef<void()> write) {
  std::lock_guard lock(mutex_);
  Clear();
  write();
}

void ProgressLine::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (what_.empty()) {
      changed_.wait(lock, [this] { return stopping_ || !what_.empty(); });
      changed_.wait_for(lock, kFirstTick, [this] { return stopping_; });
    } else {
      changed_.wait_for(lock, tick_ == 0 ? kFirstTick : kTick, [this] { return stopping_; });
    }
    if (stopping_ || what_.empty()) continue;
    ++tick_;
    Draw();
  }
}

void ProgressLine::Draw() {
  const std::string line = ProgressText(what_, absl::Now() - since_, tick_, TerminalColumns());
  std::fprintf(stderr, "%s%s", kClearLine, line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressLine::Clear() {
  if (!drawn_) return;
  std::fputs(kClearLine, stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace tessera::cli
