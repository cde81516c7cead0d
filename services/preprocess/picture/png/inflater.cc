// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/inflater.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <utility>

namespace tessera::preprocess {
namespace {

// ISA-L counts in 32 bits and, behind its back, in signed ones.
constexpr size_t kMaxPiece = 1u << 30;

}  // namespace

Inflater::Inflater() : stream_(std::make_unique<inflate_state>()) {
  isal_inflate_init(stream_.get());
  stream_->crc_flag = ISAL_ZLIB;
}

Inflater::~Inflater() = default;

void Inflater::Feed(std::string_view piece) {
  stream_->next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(piece.data()));
  stream_->avail_in = static_cast<uint32_t>(std::min(piece.size(), kMaxPiece));
}

bool Inflater::NeedsInput() const { return state_ == State::kMore && stream_->avail_in == 0; }

size_t Inflater::Inflate(uint8_t* out, size_t bytes) {
  if (state_ != State::kMore) return 0;
  stream_->next_out = out;
  stream_->avail_out = static_cast<uint32_t>(std::min(bytes, kMaxPiece));
  const int result = isal_inflate(stream_.get());
  if (result != ISAL_DECOMP_OK) {
    state_ = State::kCorrupt;
  } else if (stream_->block_state == ISAL_BLOCK_FINISH) {
    state_ = State::kEnd;
  }
  return static_cast<size_t>(stream_->next_out - out);
}

InflatedBytes InflateAll(std::string_view deflated, size_t max_bytes) {
  if (deflated.size() > kMaxPiece) return {};
  Inflater inflater;
  inflater.Feed(deflated);
  std::string all;
  while (inflater.state() == Inflater::State::kMore) {
    const size_t have = all.size();
    if (have > max_bytes) return {.too_long = true};
    all.resize(std::min(std::max<size_t>(have * 2, 4096), max_bytes + 1));
    const size_t written =
        inflater.Inflate(reinterpret_cast<uint8_t*>(all.data()) + have, all.size() - have);
    all.resize(have + written);
    if (written == 0 && inflater.state() == Inflater::State::kMore) return {};
  }
  if (all.size() > max_bytes) return {.too_long = true};
  if (inflater.state() != Inflater::State::kEnd) return {};
  return {.bytes = std::move(all)};
}

}  // namespace tessera::preprocess
