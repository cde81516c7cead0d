// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture_messages.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

using image::v1::ImageOptions;
using testing::IsInvalidField;
using testing::IsOk;

TEST(PictureMessagesTest, OptionsHaveTheirDocumentedDefaults) {
  const auto options = ToPictureOptions({}, "options");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->max_side_px, 768);
  EXPECT_EQ(options->encoding, PictureEncoding::kJpeg);
  EXPECT_EQ(options->jpeg_quality, 92);
  EXPECT_EQ(options->background, (Rgb{255, 255, 255}));
  EXPECT_EQ(options->frame, 0);
  EXPECT_TRUE(std::holds_alternative<FitWithinSide>(options->size));
  EXPECT_EQ(options->filter, ResizeFilter::kLanczos3);
}

TEST(PictureMessagesTest, SizePoliciesAreTaken) {
  ImageOptions given;
  given.set_max_side_px(1024);
  for (const auto& [engine, expected] :
       {std::pair{image::v1::ENGINE_OLLAMA_LEGACY, Engine::kOllamaLegacy},
        {image::v1::ENGINE_OLLAMA_CURRENT, Engine::kOllamaCurrent},
        {image::v1::ENGINE_HUGGING_FACE, Engine::kHuggingFace},
        {image::v1::ENGINE_LLAMA_CPP, Engine::kLlamaCpp}}) {
    given.mutable_engine_fit()->set_engine(engine);
    const auto options = ToPictureOptions(given, "options");
    ASSERT_THAT(options, IsOk());
    EXPECT_EQ(std::get<EngineFit>(options->size).engine, expected);
    EXPECT_EQ(options->max_side_px, 1024);
  }
  given.Clear();
  given.mutable_token_budget()->set_max_tokens(300);
  given.set_kernel(image::v1::KERNEL_BICUBIC);
  auto options = ToPictureOptions(given, "options");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(std::get<TokenBudget>(options->size).min_cells, 1);
  EXPECT_EQ(std::get<TokenBudget>(options->size).max_cells, 300);
  EXPECT_EQ(options->filter, ResizeFilter::kBicubic);
  given.mutable_exact()->set_width_px(640);
  given.mutable_exact()->set_height_px(480);
  EXPECT_FALSE(std::get<ExactSize>(ToPictureOptions(given, "options")->size).stretch);
  given.mutable_exact()->set_fit(image::v1::EXACT_FIT_STRETCH);
  options = ToPictureOptions(given, "options");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(std::get<ExactSize>(options->size).height_px, 480);
  EXPECT_TRUE(std::get<ExactSize>(options->size).stretch);
}

TEST(PictureMessagesTest, OptionsAreTaken) {
  ImageOptions given;
  given.set_max_side_px(1024);
  given.set_encoding(image::v1::IMAGE_ENCODING_PNG);
  given.set_jpeg_quality(50);
  given.mutable_background()->set_green(200);
  given.set_frame(3);
  const auto options = ToPictureOptions(given, "options");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->max_side_px, 1024);
  EXPECT_EQ(options->encoding, PictureEncoding::kPng);
  EXPECT_EQ(options->jpeg_quality, 50);
  EXPECT_EQ(options->background, (Rgb{0, 200, 0}));
  EXPECT_EQ(options->frame, 3);
}

TEST(PictureMessagesTest, NamesTheOptionThatIsOutsideItsRange) {
  struct Row {
    std::string field;
    std::function<void(ImageOptions&)> change;
  };
  for (const Row& row : std::vector<Row>{
           {"max_side_px", [](auto& o) { o.set_max_side_px(0); }},
           {"max_side_px", [](auto& o) { o.set_max_side_px(31); }},
           {"max_side_px", [](auto& o) { o.set_max_side_px(4097); }},
           {"encoding", [](auto& o) { o.set_encoding(static_cast<image::v1::ImageEncoding>(9)); }},
           {"jpeg_quality", [](auto& o) { o.set_jpeg_quality(0); }},
           {"jpeg_quality", [](auto& o) { o.set_jpeg_quality(101); }},
           {"engine_fit.engine", [](auto& o) { o.mutable_engine_fit(); }},
           {"token_budget.max_tokens", [](auto& o) { o.mutable_token_budget(); }},
           {"token_budget.min_tokens",
            [](auto& o) {
              o.mutable_token_budget()->set_max_tokens(5);
              o.mutable_token_budget()->set_min_tokens(6);
            }},
           {"exact.width_px", [](auto& o) { o.mutable_exact()->set_height_px(100); }},
           {"exact.fit",
            [](auto& o) {
              o.mutable_exact()->set_width_px(100);
              o.mutable_exact()->set_height_px(100);
              o.mutable_exact()->set_fit(static_cast<image::v1::ExactFit>(3));
            }},
           {"max_side_px",
            [](auto& o) {
              o.set_max_side_px(500);
              o.mutable_token_budget()->set_max_tokens(5);
            }},
           {"kernel", [](auto& o) { o.set_kernel(static_cast<image::v1::Kernel>(7)); }},
           {"background.red", [](auto& o) { o.mutable_background()->set_red(256); }},
           {"background.green", [](auto& o) { o.mutable_background()->set_green(256); }},
           {"background.blue", [](auto& o) { o.mutable_background()->set_blue(256); }},
       }) {
    ImageOptions given;
    row.change(given);
    EXPECT_THAT(ToPictureOptions(given, "image_options"),
                IsInvalidField("image_options." + row.field));
    EXPECT_THAT(ToPictureOptions(given, "options"), IsInvalidField("options." + row.field));
  }
}

TEST(PictureMessagesTest, OptionsTakeTheirRangesEnds) {
  for (const uint32_t side : {32U, 4096U}) {
    ImageOptions given;
    given.set_max_side_px(side);
    EXPECT_THAT(ToPictureOptions(given, "options"), IsOk());
  }
  for (const uint32_t quality : {1U, 100U}) {
    ImageOptions given;
    given.set_jpeg_quality(quality);
    EXPECT_THAT(ToPictureOptions(given, "options"), IsOk());
  }
}

PreparedPicture Example() {
  PreparedPicture picture;
  picture.bytes = "encoded";
  picture.encoding = PictureEncoding::kJpeg;
  picture.width_px = 768;
  picture.height_px = 512;
  picture.pixel_digest.assign(64, '0');
  picture.pixel_digest.back() = 'f';
  picture.prompt_tokens = {.ollama_legacy = 386, .ollama_current = 1026};
  picture.source = {.format = PictureFormat::kWebp,
                    .file_bytes = 99,
                    .width_px = 4000,
                    .height_px = 3000,
                    .orientation = 6,
                    .color_space = ColorSpace::kCmyk,
                    .has_alpha = true,
                    .has_icc_profile = true,
                    .frames = 4};
  picture.to_source = {.xx = 1, .xy = 2, .x0 = 3, .yx = 4, .yy = 5, .y0 = 6};
  picture.plan = {.path = "libvips", .shrink_on_load = 2, .kernel = "lanczos3"};
  picture.stage_times = {{stage::kSniff, absl::Microseconds(1)},
                         {stage::kEncode, absl::Milliseconds(2)}};
  return picture;
}

TEST(PictureMessagesTest, APictureKeepsAllItsFacts) {
  const image::v1::PreparedImage image = ToMessage(Example(), absl::Milliseconds(7));
  EXPECT_EQ(image.data(), "encoded");
  EXPECT_EQ(image.encoding(), image::v1::IMAGE_ENCODING_JPEG);
  EXPECT_EQ(image.width_px(), 768);
  EXPECT_EQ(image.height_px(), 512);
  EXPECT_EQ(image.pixel_digest(), std::string(31, '\0') + "\x0F");
  EXPECT_EQ(image.prompt_tokens().ollama_legacy(), 386);
  EXPECT_EQ(image.prompt_tokens().ollama_current(), 1026);
  EXPECT_EQ(image.source().format(), image::v1::IMAGE_FORMAT_WEBP);
  EXPECT_EQ(image.source().size_bytes(), 99);
  EXPECT_EQ(image.source().width_px(), 4000);
  EXPECT_EQ(image.source().height_px(), 3000);
  EXPECT_EQ(image.source().orientation(), 6);
  EXPECT_EQ(image.source().colour_space(), ColorSpaceName(ColorSpace::kCmyk));
  EXPECT_TRUE(image.source().has_alpha());
  EXPECT_TRUE(image.source().has_icc_profile());
  EXPECT_EQ(image.source().frames(), 4);
  EXPECT_EQ(image.transform().a(), 1);
  EXPECT_EQ(image.transform().b(), 2);
  EXPECT_EQ(image.transform().c(), 3);
  EXPECT_EQ(image.transform().d(), 4);
  EXPECT_EQ(image.transform().e(), 5);
  EXPECT_EQ(image.transform().f(), 6);
  EXPECT_EQ(image.plan().decoder(), "libvips");
  EXPECT_EQ(image.plan().shrink_on_load(), 2);
  EXPECT_EQ(image.plan().kernel(), "lanczos3");
}

TEST(PictureMessagesTest, TheWaitForAWorkerIsTheFirstStage) {
  const image::v1::PreparedImage image = ToMessage(Example(), absl::Milliseconds(7));
  ASSERT_EQ(image.stage_times_size(), 3);
  EXPECT_EQ(image.stage_times(0).stage(), "queue");
  EXPECT_EQ(image.stage_times(0).duration().nanos(), 7'000'000);
  EXPECT_EQ(image.stage_times(1).stage(), "sniff");
  EXPECT_EQ(image.stage_times(2).stage(), "encode");
}

TEST(PictureMessagesTest, EachFormatHasItsName) {
  for (const auto& [format, expected] :
       std::vector<std::pair<PictureFormat, image::v1::ImageFormat>>{
           {PictureFormat::kJpeg, image::v1::IMAGE_FORMAT_JPEG},
           {PictureFormat::kPng, image::v1::IMAGE_FORMAT_PNG},
           {PictureFormat::kWebp, image::v1::IMAGE_FORMAT_WEBP},
           {PictureFormat::kGif, image::v1::IMAGE_FORMAT_GIF},
           {PictureFormat::kTiff, image::v1::IMAGE_FORMAT_TIFF},
           {PictureFormat::kAvif, image::v1::IMAGE_FORMAT_AVIF},
           {PictureFormat::kHeic, image::v1::IMAGE_FORMAT_HEIC}}) {
    PreparedPicture picture = Example();
    picture.source.format = format;
    EXPECT_EQ(ToMessage(picture, {}).source().format(), expected);
  }
}

TEST(PictureMessagesTest, ASummaryHasEverythingButTheBytes) {
  const image::v1::PreparedImage image = ToMessage(Example(), absl::Milliseconds(7));
  const inference::v1::ImageSummary summary = Summarise(image, 5);
  EXPECT_EQ(summary.index(), 5);
  EXPECT_EQ(summary.width_px(), 768);
  EXPECT_EQ(summary.height_px(), 512);
  EXPECT_EQ(summary.size_bytes(), 7);
  EXPECT_EQ(summary.pixel_digest(), image.pixel_digest());
  EXPECT_EQ(summary.source().DebugString(), image.source().DebugString());
  EXPECT_EQ(summary.transform().DebugString(), image.transform().DebugString());
  EXPECT_EQ(summary.prompt_tokens().DebugString(), image.prompt_tokens().DebugString());
  EXPECT_EQ(summary.stage_times_size(), 3);
}

}  // namespace
}  // namespace tessera::preprocess
