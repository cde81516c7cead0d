// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_INFLATER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_INFLATER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct inflate_state;

namespace tessera::preprocess {

// ISA-L's inflate over a zlib stream that comes in pieces. Its checksum is verified. Not
// thread-safe.
class Inflater {
 public:
  enum class State { kMore, kEnd, kCorrupt };

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // The next piece of the stream; must stay valid until all of it was consumed.
  void Feed(std::string_view piece);
  bool NeedsInput() const;

  // Fills `out` as far as the input goes and returns how many bytes it wrote. Less than `bytes`
  // only when more input is needed or state() is no longer kMore.
  size_t Inflate(uint8_t* out, size_t bytes);

  State state() const { return state_; }

 private:
  std::unique_ptr<inflate_state> stream_;
  State state_ = State::kMore;
};

struct InflatedBytes {
  // Empty when the stream is broken, unfinished or too long.
  std::string bytes;
  bool too_long = false;
};

// A whole zlib stream at once. One that is longer than `max_bytes` is given up there.
InflatedBytes InflateAll(std::string_view deflated, size_t max_bytes);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_INFLATER_H_
