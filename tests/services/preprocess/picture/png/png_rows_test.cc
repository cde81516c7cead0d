// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/png_rows.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/error.h"
#include "tests/support/pictures/png_parts.h"
#include "tests/support/pictures/random.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the vocabulary of PNG files.

constexpr uint32_t kWidth = 37, kHeight = 23;

// Rows of noise; with filter 0 they are the samples themselves.
std::string NoiseRows(uint32_t width, uint32_t height, size_t channels, uint64_t seed,
                      bool filtered) {
  Random random(seed);
  std::string rows;
  for (uint32_t y = 0; y < height; ++y) {
    rows += static_cast<char>(filtered ? y % 5 : 0);
    for (size_t i = 0; i < width * channels; ++i) rows += static_cast<char>(random.Next());
  }
  return rows;
}

struct ReadPng {
  std::string samples;
  std::string refusal = "NONE";
};

ReadPng ReadAll(const std::string& file, const UnfilterKernels& kernels = BestUnfilter()) {
  ReadPng result;
  const auto header = ReadPngHeader(file);
  if (!header.ok()) return {"", ReasonOf(header.status())};
  PngRows rows(file, *header, kernels);
  const size_t row_bytes = size_t{rows.shape().width_px} * rows.shape().channels;
  std::vector<uint8_t> places[2];
  for (auto& place : places) place.resize(row_bytes + kRowSlackBytes);
  for (uint32_t y = 0; y < rows.shape().height_px; ++y) {
    uint8_t* place = places[y % 2].data();
    if (const absl::Status status = rows.ReadRow(place); !status.ok()) {
      result.refusal = ReasonOf(status);
      return result;
    }
    result.samples.append(reinterpret_cast<char*>(place), row_bytes);
  }
  return result;
}

std::string WithoutFilterBytes(const std::string& rows, size_t row_bytes) {
  std::string samples;
  for (size_t at = 1; at < rows.size(); at += row_bytes + 1) samples += rows.substr(at, row_bytes);
  return samples;
}

std::string RgbFile(const std::string& pixel_chunks) {
  return std::string(kPngSignature) + PngFirstChunk(kWidth, kHeight, 8, 2) + pixel_chunks +
         PngChunkBytes("IEND", "");
}

std::string InChunksOf(const std::string& stream, size_t bytes) {
  std::string chunks;
  for (size_t at = 0; at < stream.size(); at += bytes) {
    chunks += PngChunkBytes("IDAT", stream.substr(at, bytes));
  }
  return chunks;
}

TEST(PngRowsTest, EveryChannelCountComesOutAsItIs) {
  const std::pair<int, size_t> kColors[] = {{0, 1}, {4, 2}, {2, 3}, {6, 4}};
  for (const auto& [color, channels] : kColors) {
    const std::string rows = NoiseRows(kWidth, kHeight, channels, 1, false);
    const ReadPng read = ReadAll(PngOfRows(kWidth, kHeight, 8, color, rows));
    EXPECT_EQ(read.refusal, "NONE");
    EXPECT_EQ(read.samples, WithoutFilterBytes(rows, kWidth * channels)) << color;
  }
}

TEST(PngRowsTest, EveryProcessorRestoresTheSameRows) {
  for (const auto& [color, channels] : {std::pair<int, size_t>{2, 3}, {6, 4}, {0, 1}}) {
    const std::string file =
        PngOfRows(kWidth, kHeight, 8, color, NoiseRows(kWidth, kHeight, channels, 2, true));
    EXPECT_EQ(ReadAll(file, PortableUnfilter()).samples, ReadAll(file).samples);
  }
}

TEST(PngRowsTest, HowTheStreamIsCutIntoChunksDoesNotMatter) {
  const std::string stream = Deflate(NoiseRows(kWidth, kHeight, 3, 3, true));
  const std::string whole = ReadAll(RgbFile(InChunksOf(stream, stream.size()))).samples;
  for (size_t bytes : {1u, 2u, 3u, 100u, 1000u}) {
    const ReadPng read = ReadAll(RgbFile(InChunksOf(stream, bytes)));
    EXPECT_EQ(read.refusal, "NONE") << bytes;
    EXPECT_EQ(read.samples, whole) << bytes;
  }
  const std::string empty_between =
      PngChunkBytes("IDAT", "") + PngChunkBytes("IDAT", stream) + PngChunkBytes("IDAT", "");
  EXPECT_EQ(ReadAll(RgbFile(empty_between)).samples, whole);
}

TEST(PngRowsTest, RowsLargerThanTheWindowAreRead) {
  constexpr uint32_t kWide = 100'000;
  const std::string rows = NoiseRows(kWide, 3, 3, 4, false);
  EXPECT_EQ(ReadAll(PngOfRows(kWide, 3, 8, 2, rows)).samples,
            WithoutFilterBytes(rows, size_t{kWide} * 3));
}

TEST(PngRowsTest, DamageIsNamed) {
  const std::string rows = NoiseRows(kWidth, kHeight, 3, 5, false);
  const std::string stream = Deflate(rows);
  std::string wrong_sum = stream;
  wrong_sum.back() = static_cast<char>(wrong_sum.back() + 1);
  EXPECT_EQ(ReadAll(RgbFile(PngChunkBytes("IDAT", wrong_sum))).refusal, "IMAGE_CORRUPT");

  std::string wrong_crc = PngChunkBytes("IDAT", stream);
  wrong_crc.back() = static_cast<char>(wrong_crc.back() + 1);
  EXPECT_EQ(ReadAll(RgbFile(wrong_crc)).refusal, "IMAGE_CORRUPT");

  std::string wrong_filter = rows;
  wrong_filter[kWidth * 3 + 1] = 5;
  EXPECT_EQ(ReadAll(RgbFile(PngChunkBytes("IDAT", Deflate(wrong_filter)))).refusal,
            "IMAGE_CORRUPT");

  const std::string too_few = rows.substr(0, rows.size() - 1);
  EXPECT_EQ(ReadAll(RgbFile(PngChunkBytes("IDAT", Deflate(too_few)))).refusal, "IMAGE_CORRUPT");
  EXPECT_EQ(ReadAll(RgbFile(PngChunkBytes("IDAT", "no zlib stream"))).refusal, "IMAGE_CORRUPT");
}

TEST(PngRowsTest, PixelsBeyondTheLastRowAreIgnored) {
  const std::string rows = NoiseRows(kWidth, kHeight, 3, 6, false);
  const ReadPng read =
      ReadAll(RgbFile(PngChunkBytes("IDAT", Deflate(rows + std::string(1'000'000, 'x')))));
  EXPECT_EQ(read.refusal, "NONE");
  EXPECT_EQ(read.samples, WithoutFilterBytes(rows, kWidth * 3));
}

TEST(PngRowsTest, EveryCutIsATruncationUntilAllPixelsAreThere) {
  const std::string file =
      PngOfRows(kWidth, kHeight, 8, 2, NoiseRows(kWidth, kHeight, 3, 7, false));
  for (size_t bytes = kPngSignature.size(); bytes < file.size() - 16; ++bytes) {
    EXPECT_EQ(ReadAll(file.substr(0, bytes)).refusal, "IMAGE_TRUNCATED") << bytes;
  }
  // The checksum of the chunk and the end mark add nothing to the pixels.
  EXPECT_EQ(ReadAll(file.substr(0, file.size() - 12)).refusal, "NONE");
}

}  // namespace
}  // namespace tessera::preprocess
