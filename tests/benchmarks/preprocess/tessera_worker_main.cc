// SPDX-License-Identifier: Apache-2.0
//
// tessera-picture-worker: our own preparation, libvips' thumbnailer and the decoder alone, in
// process: one line of JSON in, one line of JSON out. Driven by run.py.
//
//   {"op": "once", "path": P, "variant": V}            -> {"ms", "cpu_ms", "bytes", "stages_ms"}
//   {"op": "once", "path": P, "variant": V, "save": F, "sink": "pixels" or "jpeg"}
//       -> writes a PNG of the pixels, or a JPEG, to F
//   {"op": "load", "path": P} -> keeps the file in memory
//   {"op": "throughput", "path": P, "variant": V, "seconds": S, "in_flight": N} -> {"per_s"}
//   {"op": "tensor", "side": S} -> {"write_ms", "copy_ms"}: one square picture of noise to float
//       planes, and a copy of as many bytes
//   {"op": "predict", "path": P} -> {"class", "lane", "work_ms", "memory_mib"}: as admission does
//   {"op": "version"}
// Variants: tessera, thumbnail, decode (JPEG only: decoding at the scale that Tessera chooses).
#include <time.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>
#include <vips/vips8>

#include "absl/time/clock.h"
#include "services/preprocess/admission/picture_cost.h"
#include "services/preprocess/picture/header_peek.h"
#include "services/preprocess/picture/jpeg/jpeg_decoder.h"
#include "services/preprocess/picture/output_size.h"
#include "services/preprocess/picture/picture_preparer.h"
#include "services/preprocess/picture/tensor/tensor_writer.h"

namespace {

using namespace tessera::preprocess;  // NOLINT(google-build-using-namespace): a main file.
using nlohmann::json;

const std::string& Load(const std::string& path) {
  static auto& files = *new std::map<std::string, std::string>;
  std::string& file = files[path];
  if (file.empty()) {
    std::ifstream in(path, std::ios::binary);
    file.assign(std::istreambuf_iterator<char>(in), {});
  }
  return file;
}

const PicturePreparer& Preparer() {
  static const auto& preparer = *new auto(PicturePreparer::Make({}).value());
  return *preparer;
}

std::string Prepare(const std::string& file, bool pixels, json* answer) {
  PictureOptions options;
  if (pixels) options.encoding = PictureEncoding::kPng;
  const auto prepared = Preparer().Prepare(file, options, NeverCancelled);
  if (!prepared.ok()) throw std::runtime_error(std::string(prepared.status().message()));
  if (answer != nullptr) {
    for (const StageTime& time : prepared->stage_times) {
      (*answer)["stages_ms"][std::string(time.name)] = absl::ToDoubleMilliseconds(time.duration);
    }
    (*answer)["path"] = prepared->plan.path;
  }
  return prepared->bytes;
}

std::string Thumbnail(const std::string& file, bool pixels) {
  VipsBlob* in = vips_blob_new(nullptr, file.data(), file.size());
  vips::VImage image = vips::VImage::thumbnail_buffer(
      in, 768, vips::VImage::option()->set("height", 768)->set("size", VIPS_SIZE_DOWN));
  if (image.has_alpha()) {
    image = image.flatten(
        vips::VImage::option()->set("background", std::vector<double>{255, 255, 255}));
  }
  VipsBlob* out =
      pixels ? image.pngsave_buffer(vips::VImage::option()->set("compression", 1))
             : image.jpegsave_buffer(vips::VImage::option()
                                         ->set("Q", 92)
                                         ->set("subsample_mode", VIPS_FOREIGN_SUBSAMPLE_OFF)
                                         ->set("strip", true));
  size_t bytes = 0;
  const void* encoded = vips_blob_get(out, &bytes);
  std::string result(static_cast<const char*>(encoded), bytes);
  vips_area_unref(VIPS_AREA(out));
  vips_area_unref(VIPS_AREA(in));
  return result;
}

// Decodes into one small buffer, again and again.
void DecodeOnly(const std::string& file) {
  JpegDecoder decoder(file, NeverCancelled);
  if (!decoder.ReadHeader()) throw std::runtime_error("no JPEG");
  const auto [width, height] = decoder.Size();
  if (!decoder.Start(JpegShrink(width, height, FitWithin(width, height, 768)))) {
    throw std::runtime_error("no JPEG");
  }
  std::vector<std::vector<uint8_t>> samples;
  std::vector<uint8_t*> rows[3];
  uint8_t** places[3] = {};
  for (size_t p = 0; p < decoder.plane_count(); ++p) {
    const PlaneShape& plane = decoder.plane(p);
    samples.emplace_back(size_t{plane.row_samples} * plane.rows_per_read);
    for (uint32_t i = 0; i < plane.rows_per_read; ++i) {
      rows[p].push_back(samples.back().data() + size_t{i} * plane.row_samples);
    }
    places[p] = rows[p].data();
  }
  while (!decoder.Done()) {
    if (!decoder.ReadRows(places)) throw std::runtime_error("bad JPEG");
  }
}

std::string Run(const std::string& variant, const std::string& file, bool pixels, json* answer) {
  if (variant == "thumbnail") return Thumbnail(file, pixels);
  if (variant == "decode") {
    DecodeOnly(file);
    return {};
  }
  return Prepare(file, pixels, answer);
}

double CpuMs() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

json Once(const json& request) {
  json answer = json::object();
  const std::string& file = Load(request["path"]);
  const bool save = request.contains("save");
  const bool pixels = save && request["sink"] == "pixels";
  const double cpu = CpuMs();
  const absl::Time start = absl::Now();
  std::string out;
  try {
    out = Run(request["variant"], file, pixels, save ? nullptr : &answer);
  } catch (const std::exception& error) {
    answer["error"] = error.what();
  }
  answer["ms"] = absl::ToDoubleMilliseconds(absl::Now() - start);
  answer["cpu_ms"] = CpuMs() - cpu;
  answer["bytes"] = out.size();
  if (save) std::ofstream(request["save"].get<std::string>(), std::ios::binary) << out;
  return answer;
}

json Throughput(const json& request) {
  const std::string& file = Load(request["path"]);
  const std::string variant = request["variant"];
  Preparer();
  const absl::Time start = absl::Now();
  const absl::Time end = start + absl::Seconds(request["seconds"].get<double>());
  std::atomic<int> done{0};
  std::vector<std::thread> lanes;
  for (int i = 0; i < request["in_flight"].get<int>(); ++i) {
    lanes.emplace_back([&] {
      while (absl::Now() < end) {
        Run(variant, file, false, nullptr);
        ++done;
      }
    });
  }
  for (std::thread& lane : lanes) lane.join();
  return {{"per_s", done / absl::ToDoubleSeconds(absl::Now() - start)}};
}

json Predict(const std::string& file) {
  const auto peek = PeekHeader(file);
  if (!peek.ok()) throw std::runtime_error(std::string(peek.status().message()));
  const PictureCost cost = CostModel().Predict(*peek, file.size(), {});
  return {{"class", static_cast<int>(cost.cost_class)},
          {"lane", LaneName(cost.lane)},
          {"work_ms", absl::ToDoubleMilliseconds(cost.work)},
          {"memory_mib", static_cast<double>(cost.memory_bytes) / (1 << 20)}};
}

json Tensor(uint32_t side) {
  PixelBuffer picture = PixelBuffer::Make(side, side, 3);
  uint32_t noise = 1;
  for (uint8_t& sample : picture.samples) {
    sample = static_cast<uint8_t>((noise = noise * 1664525 + 1013904223) >> 24);
  }
  const TensorWriter writer({}, {side, side});
  static std::vector<uint8_t> out, copy;
  out.resize(writer.total_bytes());
  copy.resize(out.size());
  const absl::Time start = absl::Now();
  writer.Write(picture, 0, writer.rows(), out.data());
  const absl::Time written = absl::Now();
  std::memcpy(copy.data(), out.data(), out.size());
  const absl::Time copied = absl::Now();
  return {{"write_ms", absl::ToDoubleMilliseconds(written - start)},
          {"copy_ms", absl::ToDoubleMilliseconds(copied - written)},
          {"check", copy[copy.size() / 2]}};
}

}  // namespace

int main() {
  Preparer();  // Starts libvips while there is one thread.
  for (std::string line; std::getline(std::cin, line);) {
    json answer;
    try {
      const json request = json::parse(line);
      const std::string op = request["op"];
      answer = op == "throughput" ? Throughput(request)
               : op == "version"  ? json{{"libvips", vips_version_string()}}
               : op == "predict"  ? Predict(Load(request["path"]))
               : op == "tensor"   ? Tensor(request["side"])
               : op == "load"     ? json{{"bytes", Load(request["path"]).size()}}
                                  : Once(request);
    } catch (const std::exception& error) {
      answer = {{"error", error.what()}};
    }
    std::cout << answer.dump() << std::endl;
  }
  return 0;
}
