// SPDX-License-Identifier: Apache-2.0
//
// sample-picture KIND OUT [WIDTH HEIGHT [SEED]]: writes one of the drawn test pictures.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace {

using namespace tessera::testing;  // NOLINT(google-build-using-namespace): a main file.

constexpr char kUsage[] =
    "usage: sample-picture document|photo|chart|shape OUT.{jpg,png,webp} [WIDTH HEIGHT [SEED]]\n"
    "Draws a picture with known contents, 1600 x 1200 unless said otherwise.\n";

Drawing Draw(const std::string& kind, uint32_t width, uint32_t height, uint64_t seed) {
  if (kind == "document") return DrawDocument(width, height, seed);
  if (kind == "chart") return DrawChart(width, height, seed);
  if (kind == "shape") return DrawShape(width, height, Shape::kCircle, kRed);
  return DrawPhoto(width, height, seed);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 5 && argc != 6) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  const uint32_t width = argc > 3 ? static_cast<uint32_t>(std::atoi(argv[3])) : 1600;
  const uint32_t height = argc > 4 ? static_cast<uint32_t>(std::atoi(argv[4])) : 1200;
  if (width < 1 || height < 1 || width > 20000 || height > 20000) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  const std::string path = argv[2];
  const Drawing drawing =
      Draw(argv[1], width, height, argc > 5 ? static_cast<uint64_t>(std::atoll(argv[5])) : 1);
  std::string file;
  if (path.ends_with(".png")) {
    file = EncodePng(drawing);
  } else if (path.ends_with(".webp")) {
    file = EncodeWebp(drawing);
  } else {
    file = EncodeJpeg(drawing);
  }
  std::ofstream out(path, std::ios::binary);
  out << file;
  out.close();
  if (!out) std::fprintf(stderr, "cannot write %s\n", path.c_str());
  return out ? 0 : 1;
}
