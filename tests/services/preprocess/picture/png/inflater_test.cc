// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/inflater.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "tests/support/pictures/png_parts.h"
#include "tests/support/pictures/random.h"

namespace tessera::preprocess {
namespace {

using tessera::testing::Deflate;
using tessera::testing::DeflateRepeated;
using tessera::testing::Random;

// Words that repeat at every distance, among noise.
std::string Text(size_t bytes, uint64_t seed) {
  Random random(seed);
  std::string text;
  while (text.size() < bytes) {
    const size_t length = 1 + random.Below(300);
    if (text.size() > 10 && random.Below(3) != 0) {
      const size_t back = 1 + random.Next() % std::min<size_t>(text.size(), 32000);
      for (size_t i = 0; i < length; ++i) text += text[text.size() - back];
    } else {
      for (size_t i = 0; i < length / 8 + 1; ++i) text += static_cast<char>(random.Next());
    }
  }
  text.resize(bytes);
  return text;
}

// Bytes that end where the process may no longer write: a byte too many ends the test.
class GuardedBytes {
 public:
  explicit GuardedBytes(size_t bytes) : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    mapped_ = (bytes + page_ - 1) / page_ * page_ + page_;
    start_ = static_cast<uint8_t*>(
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(start_ + mapped_ - page_, page_, PROT_NONE);
    first_ = start_ + mapped_ - page_ - bytes;
  }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;
  ~GuardedBytes() { munmap(start_, mapped_); }

  uint8_t* get() { return first_; }

 private:
  size_t page_;
  size_t mapped_;
  uint8_t* start_;
  uint8_t* first_;
};

// Feeds `in_step` bytes at a time and asks for `out_step`; every place ends at a guarded page.
std::string InflateInSteps(const std::string& deflated, size_t in_step, size_t out_step,
                           Inflater::State& state) {
  Inflater inflater;
  std::string out;
  GuardedBytes in(in_step), place(out_step);
  size_t fed = 0;
  while (inflater.state() == Inflater::State::kMore) {
    const size_t written = inflater.Inflate(place.get(), out_step);
    out.append(reinterpret_cast<char*>(place.get()), written);
    if (written > 0 || !inflater.NeedsInput()) continue;
    const size_t piece = std::min(in_step, deflated.size() - fed);
    if (piece == 0) break;
    uint8_t* from = in.get() + in_step - piece;
    std::copy_n(deflated.data() + fed, piece, from);
    inflater.Feed({reinterpret_cast<char*>(from), piece});
    fed += piece;
  }
  state = inflater.state();
  return out;
}

TEST(InflaterTest, PiecesOfEverySizeComeOutWhole) {
  const std::string text = Text(300'000, 1);
  for (int level : {0, 1, 6, 9}) {
    const std::string deflated = Deflate(text, level);
    for (size_t in_step : {7u, 1000u, 8192u, 400'000u}) {
      for (size_t out_step : {13u, 4096u, 70'000u, 400'000u}) {
        Inflater::State state;
        EXPECT_EQ(InflateInSteps(deflated, in_step, out_step, state), text)
            << level << " " << in_step << " " << out_step;
        EXPECT_EQ(state, Inflater::State::kEnd);
      }
    }
  }
}

TEST(InflaterTest, DamageIsFoundAndNothingIsWrittenBeyondTheEnd) {
  const std::string text = Text(60'000, 2);
  const std::string deflated = Deflate(text);
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = deflated;
    for (uint32_t n = 0; n <= random.Below(4); ++n) {
      damaged[random.Next() % damaged.size()] = static_cast<char>(random.Next());
    }
    Inflater::State state;
    const std::string out =
        InflateInSteps(damaged, 1 + random.Below(20'000), 1 + random.Below(70'000), state);
    if (state == Inflater::State::kEnd) {
      EXPECT_EQ(out, text) << i;
    }
  }
}

TEST(InflaterTest, InflateAllStopsAtItsLimit) {
  EXPECT_EQ(InflateAll(Deflate("abc"), 3).bytes, "abc");
  EXPECT_EQ(InflateAll(Deflate("abc"), 2).bytes, "");
  EXPECT_TRUE(InflateAll(Deflate("abc"), 2).too_long);
  EXPECT_TRUE(InflateAll(DeflateRepeated('x', 64 << 20), 4 << 20).too_long);
  const std::string text = Text(100'000, 4);
  EXPECT_EQ(InflateAll(Deflate(text), 100'000).bytes, text);
  for (const std::string& broken :
       {std::string(), std::string("no zlib stream"), Deflate(text).substr(0, 500)}) {
    EXPECT_EQ(InflateAll(broken, 100'000).bytes, "");
    EXPECT_FALSE(InflateAll(broken, 100'000).too_long);
  }
}

}  // namespace
}  // namespace tessera::preprocess
