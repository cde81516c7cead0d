// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/png_rows.h"

#include <algorithm>
#include <cstring>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/png/png_chunks.h"

namespace tessera::preprocess {
namespace {

// Each call of ISA-L's inflate copies its window of 32 KiB once; beyond that, smaller stays in the
// cache.
constexpr size_t kInflateAheadBytes = 256 << 10;

size_t RowBytes(const PngHeader& header) {
  return size_t{header.width_px} * static_cast<size_t>(PngChannels(header.color));
}

}  // namespace

bool IsPlainPng(const PngHeader& header) {
  return header.bits == 8 && !header.interlaced && !header.has_transparency &&
         header.color != PngColor::kPalette;
}

PngRows::PngRows(std::string_view file, const PngHeader& header, const UnfilterKernels& kernels)
    : file_(file),
      kernels_(kernels),
      shape_{.width_px = header.width_px,
             .height_px = header.height_px,
             .width_extent = static_cast<double>(header.width_px),
             .height_extent = static_cast<double>(header.height_px),
             .channels = static_cast<uint32_t>(PngChannels(header.color)),
             .has_alpha = header.color == PngColor::kGrayAlpha || header.color == PngColor::kRgba},
      row_bytes_(RowBytes(header)),
      next_chunk_(header.pixels_at),
      inflated_(std::max(kInflateAheadBytes, 2 * row_bytes_) + 1 + kRowSlackBytes),
      zeros_(row_bytes_ + kRowSlackBytes),
      above_(zeros_.data()) {}

absl::Status PngRows::ReadRow(uint8_t* row) {
  TESSERA_RETURN_IF_ERROR(Fill(1 + row_bytes_));
  const uint8_t* stored = inflated_.data() + begin_;
  if (*stored > static_cast<uint8_t>(PngFilter::kPaeth)) return CorruptError(PictureFormat::kPng);
  kernels_.restore(static_cast<PngFilter>(*stored), stored + 1, above_, row_bytes_, shape_.channels,
                   row);
  begin_ += 1 + row_bytes_;
  above_ = row;
  return ++rows_read_ == shape_.height_px ? CheckTheEnd() : absl::OkStatus();
}

bool PngRows::FeedNextChunk() {
  if (!inflater_.NeedsInput()) return false;
  PngChunk chunk;
  const PngChunkRead read = ReadPngChunk(file_, next_chunk_, chunk);
  file_ended_ = read == PngChunkRead::kCut;
  if (read == PngChunkRead::kGarbled || chunk.name != "IDAT") return false;
  if (read == PngChunkRead::kWhole && !chunk.ChecksumHolds()) return false;
  // Of a chunk that is cut, the rows that are there tell whether it is damaged as well.
  next_chunk_ = file_ended_ ? file_.size() : chunk.next;
  inflater_.Feed(chunk.content);
  return true;
}

absl::Status PngRows::Fill(size_t bytes) {
  if (end_ - begin_ >= bytes) return absl::OkStatus();
  std::memmove(inflated_.data(), inflated_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (end_ < bytes) {
    const size_t written =
        inflater_.Inflate(inflated_.data() + end_, inflated_.size() - kRowSlackBytes - end_);
    end_ += written;
    // What was inflated before may still be on its way out when all input is gone.
    if (written == 0 && !FeedNextChunk()) return EndedEarly();
  }
  return absl::OkStatus();
}

absl::Status PngRows::EndedEarly() const {
  return file_ended_ ? TruncatedError(PictureFormat::kPng, file_.size())
                     : CorruptError(PictureFormat::kPng);
}

// Reads on to the checksum of the stream. Pixels beyond the last row are nobody's.
absl::Status PngRows::CheckTheEnd() {
  while (begin_ == end_ && inflater_.state() == Inflater::State::kMore) {
    begin_ = 0;
    end_ = inflater_.Inflate(inflated_.data(), inflated_.size());
    if (end_ == 0 && inflater_.state() == Inflater::State::kMore && !FeedNextChunk()) {
      return EndedEarly();
    }
  }
  return inflater_.state() == Inflater::State::kCorrupt ? CorruptError(PictureFormat::kPng)
                                                        : absl::OkStatus();
}

}  // namespace tessera::preprocess
