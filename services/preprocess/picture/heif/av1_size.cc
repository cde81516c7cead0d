// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "services/preprocess/picture/heif/bit_reader.h"
#include "services/preprocess/picture/heif/coded_size.h"

namespace tessera::preprocess {
namespace {

constexpr uint64_t kSequenceHeader = 1;
constexpr uint64_t kFrameHeader = 3;
constexpr uint64_t kFrame = 6;

constexpr uint64_t kKeyFrame = 0;
constexpr uint64_t kSwitchFrame = 3;

// Of the three values of a switch that each frame may flip: off, on, or as the frame says.
constexpr uint64_t kAsTheFrameSays = 2;

struct Sequence {
  bool reduced = false;  // One picture whose frame header says nothing about its size.
  uint64_t width_bits = 0;
  uint64_t height_bits = 0;
  CodedSize size;
  bool has_timed_frames = false;
  uint64_t presentation_time_bits = 0;
  uint64_t frame_id_bits = 0;
  uint64_t screen_content_tools = kAsTheFrameSays;
  uint64_t integer_motion = kAsTheFrameSays;

  CodedSize LargestOverride() const {
    return {uint64_t{1} << width_bits, uint64_t{1} << height_bits};
  }
};

// Timing and operating points: nothing here matters but how long it is, and how frames are timed.
void SkipOperatingPoints(BitReader& bits, Sequence& sequence) {
  bool has_decoder_model = false, equal_intervals = false;
  uint64_t delay_bits = 0;
  if (bits.Take(1) != 0) {
    bits.Skip(64);
    equal_intervals = bits.Take(1) != 0;
    if (equal_intervals) bits.TakeGolomb();
    has_decoder_model = bits.Take(1) != 0;
    if (has_decoder_model) {
      delay_bits = bits.Take(5) + 1;
      bits.Skip(32 + 5);
      sequence.presentation_time_bits = bits.Take(5) + 1;
    }
  }
  sequence.has_timed_frames = has_decoder_model && !equal_intervals;
  const bool has_display_delay = bits.Take(1) != 0;
  const uint64_t points = bits.Take(5) + 1;
  for (uint64_t i = 0; i < points; ++i) {
    bits.Skip(12);
    if (bits.Take(5) > 7) bits.Skip(1);
    if (has_decoder_model && bits.Take(1) != 0) bits.Skip(2 * delay_bits + 1);
    if (has_display_delay && bits.Take(1) != 0) bits.Skip(4);
  }
}

std::optional<Sequence> ReadSequence(std::string_view content) {
  BitReader bits(content);
  Sequence sequence;
  bits.Skip(3 + 1);
  sequence.reduced = bits.Take(1) != 0;
  if (sequence.reduced) {
    bits.Skip(5);
  } else {
    SkipOperatingPoints(bits, sequence);
  }
  sequence.width_bits = bits.Take(4) + 1;
  sequence.height_bits = bits.Take(4) + 1;
  sequence.size.width_px = bits.Take(static_cast<int>(sequence.width_bits)) + 1;
  sequence.size.height_px = bits.Take(static_cast<int>(sequence.height_bits)) + 1;
  if (!bits.ok()) return std::nullopt;
  if (sequence.reduced) return sequence;
  if (bits.Take(1) != 0) {
    const uint64_t delta_bits = bits.Take(4) + 2;
    sequence.frame_id_bits = bits.Take(3) + delta_bits + 1;
  }
  bits.Skip(3 + 4);
  if (bits.Take(1) != 0) bits.Skip(2);  // Order hints.
  sequence.screen_content_tools = bits.Take(1) != 0 ? kAsTheFrameSays : bits.Take(1);
  if (sequence.screen_content_tools != 0) {
    sequence.integer_motion = bits.Take(1) != 0 ? kAsTheFrameSays : bits.Take(1);
  }
  return sequence;
}

// Whether a frame states a size of its own. Yes when in doubt.
bool OverridesSize(std::string_view content, const Sequence& sequence) {
  if (sequence.reduced) return false;
  BitReader bits(content);
  if (bits.Take(1) != 0) return false;  // Shows an earlier frame again.
  const uint64_t type = bits.Take(2);
  const bool shown = bits.Take(1) != 0;
  if (shown && sequence.has_timed_frames) bits.Skip(sequence.presentation_time_bits);
  if (!shown) bits.Skip(1);
  if (type == kSwitchFrame) return true;
  if (type != kKeyFrame || !shown) bits.Skip(1);
  bits.Skip(1);
  const uint64_t tools = sequence.screen_content_tools == kAsTheFrameSays
                             ? bits.Take(1)
                             : sequence.screen_content_tools;
  if (tools != 0 && sequence.integer_motion == kAsTheFrameSays) bits.Skip(1);
  bits.Skip(sequence.frame_id_bits);
  return bits.Take(1) != 0 || !bits.ok();
}

struct Obu {
  uint64_t type = 0;
  std::string_view content;
};

// Takes the next unit off `obus`.
std::optional<Obu> NextObu(std::string_view& obus) {
  if (obus.empty()) return std::nullopt;
  const auto first = static_cast<uint8_t>(obus[0]);
  const bool has_extension = (first & 4) != 0, has_size = (first & 2) != 0;
  size_t at = has_extension ? 2 : 1;
  uint64_t bytes = obus.size() < at ? 0 : obus.size() - at;
  if (has_size) {
    bytes = 0;
    for (int i = 0; i < 8; ++i) {
      if (at >= obus.size()) return std::nullopt;
      const auto byte = static_cast<uint8_t>(obus[at++]);
      bytes |= uint64_t{byte & 0x7Fu} << (7 * i);
      if ((byte & 0x80) == 0) break;
    }
  }
  if (at > obus.size()) return std::nullopt;
  const Obu obu{static_cast<uint64_t>(first >> 3 & 15), obus.substr(at, bytes)};
  obus.remove_prefix(at + obu.content.size());
  return obu;
}

}  // namespace

CodedSize LargestAv1Size(std::string_view set_up, std::string_view obus) {
  CodedSize largest;
  std::optional<Sequence> sequence;
  for (std::string_view* from : {&set_up, &obus}) {
    while (const auto obu = NextObu(*from)) {
      if (obu->type == kSequenceHeader) {
        sequence = ReadSequence(obu->content);
        if (sequence) largest = Larger(largest, sequence->size);
      } else if ((obu->type == kFrame || obu->type == kFrameHeader) && sequence &&
                 OverridesSize(obu->content, *sequence)) {
        largest = Larger(largest, sequence->LargestOverride());
      }
    }
  }
  return largest;
}

}  // namespace tessera::preprocess
