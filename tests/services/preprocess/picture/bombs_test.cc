// SPDX-License-Identifier: Apache-2.0
//
// Small files that ask for much: each is refused, or what is dangerous about it ignored, at once
// and without memory.
#include "tests/support/pictures/bombs.h"

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "absl/time/time.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"
#include "tests/support/sanitized.h"

namespace tessera::preprocess {
namespace {

using testing::kSanitized;

// VmRSS or VmHWM of this process, MiB.
double MemoryMib(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) / 1024;
  }
  return 0;
}

// Of all threads; the wall clock of a busy machine says nothing.
absl::Duration ProcessorTime() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

void ForgetPeak() { std::ofstream("/proc/self/clear_refs") << "5"; }

TEST(BombsTest, CostNeitherTimeNorMemory) {
  ASSERT_TRUE(Prepare(testing::EncodeJpeg(testing::DrawGradient(64, 64))).ok());
  for (const testing::Bomb& bomb : testing::Bombs()) {
    ForgetPeak();
    const double before = MemoryMib("VmRSS");
    absl::Duration fastest = absl::InfiniteDuration();
    for (int round = 0; round < 3; ++round) {
      const absl::Duration start = ProcessorTime();
      EXPECT_EQ(RefusalOf(bomb.file), bomb.outcome) << bomb.name;
      fastest = std::min(fastest, ProcessorTime() - start);
    }
    const double grown = MemoryMib("VmHWM") - before;
    // A row of docs/preprocessing.md.
    std::printf("| %s | %zu | %.2f | %.0f | %s |\n", bomb.name.c_str(), bomb.file.size(),
                absl::ToDoubleMilliseconds(fastest), grown, bomb.outcome.c_str());
    // 5 ms on an idle machine for all but thirty megabytes of GIF extensions.
    EXPECT_LT(fastest, absl::Milliseconds(kSanitized ? 2000 : 100)) << bomb.name;
    if (!kSanitized) {
      EXPECT_LT(grown, 50) << bomb.name;
    }
  }
}

}  // namespace
}  // namespace tessera::preprocess
