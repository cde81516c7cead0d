// SPDX-License-Identifier: Apache-2.0
//
// preprocess-inputs FOLDER: writes the pictures that `make bench-preprocess` measures, one file
// each: speed/ for time, quality/ for fidelity, bad/ for what must be refused. Files that are there
// already are left alone, because drawing them takes minutes.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"
#include "tests/support/pictures/varied_jpegs.h"

namespace {

using namespace tessera::testing;  // NOLINT(google-build-using-namespace): a main file.

struct Input {
  std::string name;
  std::function<std::string()> make;
};

const Drawing& Photo() {
  static const auto& photo = *new Drawing(DrawPhoto(4032, 3024));
  return photo;
}

std::string PhotoAs(const JpegSpec& spec) { return EncodeJpeg(Photo(), spec); }

std::string PngOf(const Drawing& drawing, PngSpec spec) {
  spec.filtered = true;
  return EncodePng(drawing, spec);
}

// A soft edge: opaque in the middle, transparent in the corners.
std::vector<uint8_t> Vignette(uint32_t width, uint32_t height) {
  std::vector<uint8_t> alpha(size_t{width} * height);
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      const double dx = 2.0 * x / width - 1, dy = 2.0 * y / height - 1;
      const double beyond = dx * dx + dy * dy - 1;
      alpha[size_t{y} * width + x] = static_cast<uint8_t>(beyond <= 0   ? 255
                                                          : beyond >= 1 ? 0
                                                                        : 255 * (1 - beyond));
    }
  }
  return alpha;
}

const std::vector<Input>& Inputs() {
  static const auto& inputs = *new std::vector<Input>{
      {"12mp-420.jpg", [] { return PhotoAs({}); }},
      {"12mp-420-odd.jpg", [] { return EncodeJpeg(DrawPhoto(4027, 3019, 2)); }},
      {"12mp-422.jpg", [] { return PhotoAs({.subsampling = Subsampling::k422}); }},
      {"12mp-444.jpg", [] { return PhotoAs({.quality = 95, .subsampling = Subsampling::k444}); }},
      {"12mp-gray.jpg", [] { return PhotoAs({.color = JpegColor::kGray}); }},
      {"12mp-progressive.jpg", [] { return PhotoAs({.quality = 85, .progressive = true}); }},
      {"2mp-420.jpg", [] { return EncodeJpeg(DrawPhoto(1632, 1224)); }},
      {"50mp-420.jpg", [] { return EncodeJpeg(DrawPhoto(8160, 6120)); }},
      {"12mp.png", [] { return PngOf(Photo(), {}); }},
      {"12mp-alpha.png",
       [] {
         PngSpec spec;
         spec.alpha = Vignette(4032, 3024);
         return PngOf(Photo(), spec);
       }},
      {"12mp-gray.png",
       [] {
         PngSpec spec;
         spec.gray = true;
         return PngOf(Photo(), spec);
       }},
      {"12mp-document.png", [] { return PngOf(DrawDocument(3024, 4032), {}); }},
      {"12mp.webp", [] { return EncodeWebp(Photo()); }},
      {"12mp-lossless.webp", [] { return EncodeWebp(Photo(), {}, 75, true); }},
      {"12mp.avif", [] { return EncodeAvif(Photo(), {}, 60); }},
      {"12mp.tiff", [] { return EncodeTiff(Photo()); }},
      {"2mp.gif", [] { return EncodeGif(DrawPhoto(1632, 1224)); }},
  };
  return inputs;
}

const std::vector<Input>& BadInputs() {
  static const auto& inputs = *new std::vector<Input>{
      {"20000x20000.png", [] { return FlatPng(20'000, 20'000); }},
      {"claims-2147483647.png", [] { return ClaimedPng(0x7FFFFFFF, 0x7FFFFFFF); }},
      {"outgrows-its-screen.gif", [] { return GifFrameOutgrowsScreen(65'535, 65'400); }},
      {"claims-65000.jpg",
       [] { return ClaimedJpeg(EncodeJpeg(DrawGradient(64, 64)), 65'000, 65'000); }},
      {"claims-17000.avif",
       [] { return ClaimedAvif(EncodeAvif(DrawGradient(64, 64)), 17'000, 17'000); }},
      {"cut-12mp.jpg", [] { return Truncate(PhotoAs({}), 0.5); }},
      {"no-picture.jpg", [] { return std::string("\xFF\xD8\xFF\xE0 no picture"); }},
  };
  return inputs;
}

void WriteMissing(const std::filesystem::path& folder, const Input& input) {
  std::filesystem::create_directories(folder);
  const std::filesystem::path path = folder / input.name;
  if (std::filesystem::exists(path)) return;
  const std::filesystem::path unfinished = folder / (input.name + ".part");
  std::ofstream(unfinished, std::ios::binary) << input.make();
  std::filesystem::rename(unfinished, path);
  std::printf("%s\n", path.c_str());
}

// "photo 640x480 4:2:0" as a file name.
std::string FileName(std::string name) {
  for (char& c : name) {
    if (c == ' ') c = '-';
  }
  std::erase(name, ':');
  return name + ".jpg";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: preprocess-inputs FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  for (const Input& input : Inputs()) WriteMissing(folder / "speed", input);
  for (const NamedJpeg& jpeg : VariedJpegs()) {
    WriteMissing(folder / "quality", {FileName(jpeg.name), jpeg.make});
  }
  for (const Input& input : BadInputs()) WriteMissing(folder / "bad", input);
  return 0;
}
