// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/ask/prompts.h"

#include <array>
#include <random>

namespace tessera::bench {
namespace {

constexpr std::array<const char*, 48> kWords = {
    "river",   "stone",   "garden", "winter", "letter", "market",  "window", "bridge",
    "morning", "forest",  "island", "engine", "number", "silver",  "paper",  "harbour",
    "teacher", "village", "mirror", "candle", "summer", "doctor",  "planet", "kitchen",
    "quiet",   "early",   "broken", "narrow", "golden", "heavy",   "simple", "distant",
    "walks",   "finds",   "keeps",  "opens",  "writes", "follows", "brings", "carries",
    "under",   "behind",  "across", "before", "slowly", "never",   "often",  "again"};
constexpr const char kTask[] = "Write a long story with these words.";

}  // namespace

std::string MakePrompt(int words, uint64_t number) {
  std::mt19937_64 random(number * 0x9e3779b97f4a7c15u + 1);
  std::string text;
  for (int i = 0; i < words; ++i) {
    text += kWords[random() % kWords.size()];
    text += ' ';
  }
  return text + kTask;
}

}  // namespace tessera::bench
