// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/exif_orientation.h"

#include <gtest/gtest.h>

#include <string>

namespace tessera::preprocess {
namespace {

// One directory with one entry: the orientation as a 16-bit number.
std::string BigEndianBlock(int orientation) {
  std::string exif("MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\0\0\0\0\0\0\0", 26);
  exif[19] = static_cast<char>(orientation);
  return exif;
}

std::string LittleEndianBlock(int orientation) {
  std::string exif("II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\0\0\0\0\0\0\0\0", 26);
  exif[18] = static_cast<char>(orientation);
  return exif;
}

TEST(ExifOrientationTest, IsReadInBothByteOrdersAndBehindItsMark) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(ReadExifOrientation(BigEndianBlock(orientation)), orientation);
    EXPECT_EQ(ReadExifOrientation(LittleEndianBlock(orientation)), orientation);
    EXPECT_EQ(ReadExifOrientation(std::string("Exif\0\0", 6) + BigEndianBlock(orientation)),
              orientation);
  }
}

TEST(ExifOrientationTest, NonsenseIsUpright) {
  EXPECT_EQ(ReadExifOrientation(BigEndianBlock(0)), 1);
  EXPECT_EQ(ReadExifOrientation(BigEndianBlock(9)), 1);
  EXPECT_EQ(ReadExifOrientation(""), 1);
  EXPECT_EQ(ReadExifOrientation("Exif"), 1);
  EXPECT_EQ(ReadExifOrientation("XX*"), 1);
  std::string other_type = BigEndianBlock(6);
  other_type[13] = 2;  // A text.
  EXPECT_EQ(ReadExifOrientation(other_type), 1);
}

TEST(ExifOrientationTest, BlocksThatPointAtThemselvesOrNowhereEnd) {
  std::string itself = BigEndianBlock(6);
  itself[7] = 0;
  EXPECT_EQ(ReadExifOrientation(itself), 1);
  std::string nowhere = BigEndianBlock(6);
  nowhere[4] = nowhere[5] = nowhere[6] = nowhere[7] = '\xFF';
  EXPECT_EQ(ReadExifOrientation(nowhere), 1);
  std::string endless = BigEndianBlock(6);
  endless[8] = endless[9] = '\xFF';  // 65,535 entries.
  endless[10] = 0;
  EXPECT_EQ(ReadExifOrientation(endless), 1);
}

TEST(ExifOrientationTest, EveryCutIsSurvived) {
  const std::string exif = LittleEndianBlock(6);
  for (size_t bytes = 0; bytes < 20; ++bytes) {
    const int orientation = ReadExifOrientation(exif.substr(0, bytes));
    EXPECT_TRUE(orientation == 1 || orientation == 6) << bytes;
  }
}

}  // namespace
}  // namespace tessera::preprocess
