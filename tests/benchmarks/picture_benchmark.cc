// SPDX-License-Identifier: Apache-2.0
//
// How long one picture takes, in process and on one thread: the product, libvips' own thumbnailer
// doing the same job, and the floor below which no resampler can go (decoding alone).
//
// On a busy machine compare CPU times, which count every thread that worked for the picture.
// Runs interleaved, so that a machine that changes its speed changes it for all of them:
//   picture_benchmark --benchmark_enable_random_interleaving=true --benchmark_repetitions=15
//                     --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>

#include <functional>
#include <map>
#include <string>
#include <vector>
#include <vips/vips8>

#include "services/preprocess/picture/jpeg/jpeg_decoder.h"
#include "services/preprocess/picture/output_size.h"
#include "services/preprocess/picture/picture_preparer.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace {

using namespace tessera::testing;     // NOLINT: the drawing vocabulary.
using namespace tessera::preprocess;  // NOLINT: what is measured.

struct Input {
  std::string name;
  std::function<std::string()> make;
  bool is_jpeg = true;
};

const std::vector<Input>& Inputs() {
  static const auto& inputs = *new std::vector<Input>{
      {"jpeg_12mp_420", [] { return EncodeJpeg(DrawPhoto(4032, 3024)); }},
      {"jpeg_12mp_420_odd", [] { return EncodeJpeg(DrawPhoto(4027, 3019)); }},
      {"jpeg_12mp_422",
       [] { return EncodeJpeg(DrawPhoto(4032, 3024), {.subsampling = Subsampling::k422}); }},
      {"jpeg_12mp_444_q95",
       [] {
         return EncodeJpeg(DrawPhoto(4032, 3024),
                           {.quality = 95, .subsampling = Subsampling::k444});
       }},
      {"jpeg_12mp_gray",
       [] { return EncodeJpeg(DrawPhoto(4032, 3024), {.color = JpegColor::kGray}); }},
      {"jpeg_12mp_progressive",
       [] { return EncodeJpeg(DrawPhoto(4032, 3024), {.quality = 85, .progressive = true}); }},
      {"jpeg_12mp_turned", [] { return EncodeJpeg(DrawPhoto(4032, 3024), {.orientation = 6}); }},
      {"jpeg_2mp_420", [] { return EncodeJpeg(DrawPhoto(1632, 1224)); }},
      {"jpeg_50mp_420", [] { return EncodeJpeg(DrawPhoto(8160, 6120)); }},
      {"jpeg_small_420", [] { return EncodeJpeg(DrawPhoto(640, 480)); }},
      {"png_12mp", [] { return EncodePng(DrawPhoto(4032, 3024)); }, false},
      {"webp_12mp", [] { return EncodeWebp(DrawPhoto(4032, 3024)); }, false},
  };
  return inputs;
}

// Made when first needed: drawing fifty megapixels takes a while.
const std::string& FileOf(const Input& input) {
  static auto& files = *new std::map<std::string, std::string>;
  std::string& file = files[input.name];
  if (file.empty()) file = input.make();
  return file;
}

void Prepare(benchmark::State& state, const Input& input) {
  const std::string& file = FileOf(input);
  const auto preparer = PicturePreparer::Make(PictureLimits{}).value();
  size_t bytes = 0;
  std::map<std::string, absl::Duration> stages;
  for (auto _ : state) {
    const auto prepared = preparer->Prepare(file, PictureOptions{}, NeverCancelled);
    if (!prepared.ok()) return state.SkipWithError("refused");
    bytes = prepared->bytes.size();
    for (const StageTime& time : prepared->stage_times) {
      stages[std::string(time.name)] += time.duration;
    }
  }
  for (const auto& [name, total] : stages) {
    const double ms = absl::ToDoubleMilliseconds(total) / static_cast<double>(state.iterations());
    if (ms >= 0.05) state.counters[name + "_ms"] = ms;
  }
  state.counters["in_kb"] = static_cast<double>(file.size()) / 1e3;
  state.counters["out_kb"] = static_cast<double>(bytes) / 1e3;
}

void VipsThumbnail(benchmark::State& state, const Input& input) {
  const std::string& file = FileOf(input);
  const auto preparer = PicturePreparer::Make(PictureLimits{}).value();  // Starts libvips.
  for (auto _ : state) {
    VipsBlob* in = vips_blob_new(nullptr, file.data(), file.size());
    const vips::VImage image = vips::VImage::thumbnail_buffer(
        in, 768, vips::VImage::option()->set("height", 768)->set("size", VIPS_SIZE_DOWN));
    VipsBlob* out = image.jpegsave_buffer(vips::VImage::option()
                                              ->set("Q", 92)
                                              ->set("subsample_mode", VIPS_FOREIGN_SUBSAMPLE_OFF)
                                              ->set("strip", true));
    benchmark::DoNotOptimize(out);
    vips_area_unref(VIPS_AREA(out));
    vips_area_unref(VIPS_AREA(in));
  }
}

void DecodeOnly(benchmark::State& state, const Input& input) {
  const std::string& file = FileOf(input);
  for (auto _ : state) {
    JpegDecoder decoder(file, NeverCancelled);
    if (!decoder.ReadHeader()) return state.SkipWithError("refused");
    const auto [width, height] = decoder.Size();
    const int shrink = JpegShrink(width, height, FitWithin(width, height, 768));
    if (!decoder.Start(shrink)) return state.SkipWithError("refused");
    std::vector<uint8_t> samples;
    std::vector<uint8_t*> rows[3];
    size_t needed = 0;
    for (size_t p = 0; p < decoder.plane_count(); ++p) {
      needed += size_t{decoder.plane(p).row_samples} * decoder.plane(p).rows_per_read;
    }
    samples.resize(needed);
    uint8_t* next = samples.data();
    uint8_t** places[3] = {};
    for (size_t p = 0; p < decoder.plane_count(); ++p) {
      for (uint32_t i = 0; i < decoder.plane(p).rows_per_read; ++i) {
        rows[p].push_back(next);
        next += decoder.plane(p).row_samples;
      }
      places[p] = rows[p].data();
    }
    while (!decoder.Done()) {
      if (!decoder.ReadRows(places)) return state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(samples.data());
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const Input& input : Inputs()) {
    const auto add = [&](const char* who, void (*run)(benchmark::State&, const Input&)) {
      benchmark::RegisterBenchmark((input.name + "/" + who).c_str(),
                                   [run, &input](benchmark::State& state) { run(state, input); })
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime()
          ->MeasureProcessCPUTime();
    };
    add("prepare", Prepare);
    add("vips_thumbnail", VipsThumbnail);
    if (input.is_jpeg) add("decode_only", DecodeOnly);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
