// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "simulator/ollama_simulator.h"
#include "simulator/picture_probe.h"
#include "tests/simulator/raw_http_client.h"

namespace tessera::simulator {
namespace {

using ::testing::HasSubstr;

std::string Big16(int n) { return {static_cast<char>(n >> 8), static_cast<char>(n)}; }
std::string Little16(int n) { return {static_cast<char>(n), static_cast<char>(n >> 8)}; }

// Headers only: what an engine must decode is not there, and nobody here decodes.
std::string Png(int width, int height, bool whole = true) {
  std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  png += std::string(2, '\0') + Big16(width) + std::string(2, '\0') + Big16(height);
  png += std::string("\x08\x02\0\0\0crc!", 9);
  return whole ? png + std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12) : png;
}
std::string Jpeg(int width, int height, char start_of_frame = '\xc0') {
  std::string jpeg("\xff\xd8\xff\xe0\x00\x04zz", 8);
  jpeg += std::string("\xff") + start_of_frame + Big16(17) + "\x08" + Big16(height) + Big16(width);
  return jpeg + std::string(16, '\0');
}
std::string Bmp(int width, int height) {
  return "BM" + std::string(16, '\0') + Little16(width) + std::string(2, '\0') + Little16(height) +
         std::string(8, '\0');
}

std::string Base64(std::string_view bytes) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += i + k > bytes.size() ? '=' : kAlphabet[group >> (18 - 6 * k) & 63];
    }
  }
  return out;
}

TEST(PictureTokensTest, CurrentEngineCountsAtLeast1024) {
  const struct {
    int width, height, tokens;
  } kMeasured[] = {
      {1, 1, 1026},      {224, 224, 1026},   {640, 480, 1038},   {1280, 720, 1077},
      {300, 200, 1082},  {1920, 1080, 2042}, {4000, 3000, 4017}, {12000, 9000, 4017},
      {8000, 100, 1150}, {1, 500, 1434},     {5000, 10, 1434},
  };
  for (const auto& [width, height, tokens] : kMeasured) {
    EXPECT_EQ(PictureTokens(width, height, EngineGeneration::kCurrent), tokens)
        << width << "x" << height;
  }
}

TEST(PictureTokensTest, OldEngineTakesSmallerPictures) {
  EXPECT_EQ(PictureTokens(640, 480, EngineGeneration::kLegacy), 302);
  EXPECT_EQ(PictureTokens(768, 576, EngineGeneration::kLegacy), 434);
  EXPECT_EQ(PictureTokens(32, 32, EngineGeneration::kLegacy), 66);
  // 16.5 x 32 rounds to even there, and away from zero in the current engine.
  EXPECT_EQ(PictureTokens(528, 512, EngineGeneration::kLegacy), 258);
  EXPECT_LE(PictureTokens(4000, 3000, EngineGeneration::kLegacy), 2050);
}

TEST(PictureProbeTest, ReadsSizesAndRefusesWhatNoEngineLoads) {
  const struct {
    std::string bytes, format;
    bool loadable;
  } kCases[] = {
      {Png(640, 480), "png", true},
      {Png(640, 480, /*whole=*/false), "png", false},
      {Jpeg(640, 480), "jpeg", true},
      {Jpeg(640, 480, '\xc2'), "jpeg", true},
      {Jpeg(640, 480, '\xc9'), "jpeg", false},
      {Bmp(640, 480), "bmp", true},
      {"P6 640 480 255 ", "ppm", true},
      {"GIF89a" + Little16(640) + Little16(480), "gif", true},
      {"not a picture", "unknown", false},
      {"", "unknown", false},
  };
  for (const auto& [bytes, format, loadable] : kCases) {
    PictureHeader header;
    EXPECT_EQ(ProbePicture(bytes, &header), loadable) << format;
    EXPECT_EQ(header.format, format);
    if (loadable) {
      EXPECT_EQ(header.width_px, 640);
      EXPECT_EQ(header.height_px, 480);
    }
  }
}

class PictureRequestTest : public testing::Test {
 protected:
  void Start(EngineGeneration generation) {
    OllamaSimulator::Options options;
    options.generation = generation;
    simulator_ = OllamaSimulator::Start(options).value();
  }
  RawResponse Ask(const std::string& picture, const std::string& more = "") {
    return CallOnce(
        simulator_->port(), "POST", "/api/chat",
        R"({"model":"tessera-mini","stream":false,"messages":[{"role":"user","content":"what is this?","images":[")" +
            Base64(picture) + R"("]}])" + more + "}");
  }
  std::unique_ptr<OllamaSimulator> simulator_;
};

TEST_F(PictureRequestTest, PicturesCountAsPromptTokensAndAreRecorded) {
  Start(EngineGeneration::kCurrent);
  EXPECT_THAT(Ask(Png(640, 480)).body, HasSubstr("\"prompt_eval_count\":1041,"));
  const JournalState state = simulator_->State();
  const RequestRecord* record = state.Last("/api/chat");
  ASSERT_EQ(record->pictures.size(), 1u);
  EXPECT_EQ(record->pictures[0].bytes, Png(640, 480).size());
  EXPECT_EQ(record->pictures[0].sha256, DigestOf(Png(640, 480)));
  EXPECT_EQ(record->pictures[0].width_px, 640);
  EXPECT_EQ(record->pictures[0].prompt_tokens, 1038);
}

TEST_F(PictureRequestTest, PicturesThatDoNotFitAreRefused) {
  Start(EngineGeneration::kCurrent);
  const RawResponse response = Ask(Png(1920, 1080), R"(,"options":{"num_ctx":2044})");
  // Vision models never get less than 2048; the picture's 2,042 and three words fit that.
  EXPECT_EQ(response.status, 200);
  const RawResponse refused = Ask(Png(4000, 3000), R"(,"options":{"num_ctx":2048})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("request (4020 tokens) exceeds the available context size"));
}

TEST_F(PictureRequestTest, TheOldEngineDropsThemInSilence) {
  Start(EngineGeneration::kLegacy);
  EXPECT_THAT(Ask(Png(2000, 1500), R"(,"options":{"num_ctx":2032})").body,
              HasSubstr("\"prompt_eval_count\":2033,"))
      << "vision models never get less than 2048";
  ModelSpec small;
  small.name = "tessera-mini";
  small.capabilities = {"completion", "vision"};
  small.trained_context = 2032;
  simulator_->PutModel(small);
  EXPECT_THAT(Ask(Png(2000, 1500)).body, HasSubstr("\"prompt_eval_count\":3,"));
}

TEST_F(PictureRequestTest, TheOldEngineDiesOfThinPictures) {
  Start(EngineGeneration::kLegacy);
  const RawResponse response = Ask(Png(640, 20));
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("model runner has unexpectedly stopped"));
  EXPECT_EQ(Ask(Png(640, 480)).status, 200);
  EXPECT_EQ(simulator_->counters().loads_finished, 2u);
}

}  // namespace
}  // namespace tessera::simulator
