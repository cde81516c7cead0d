// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_metadata.h"

#include <gtest/gtest.h>

#include <string>

#include "services/preprocess/picture/jpeg/jpeg_scans.h"

namespace tessera::preprocess {
namespace {

constexpr size_t kNoLimit = 1 << 30;

std::string Segment(int marker, const std::string& content) {
  const size_t bytes = content.size() + 2;
  return std::string("\xFF") + static_cast<char>(marker) + static_cast<char>(bytes >> 8) +
         static_cast<char>(bytes & 0xFF) + content;
}

std::string Exif(int orientation) {
  std::string exif("Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\0\0\0\0\0\0\0", 32);
  exif[25] = static_cast<char>(orientation);
  return Segment(0xE1, exif);
}

std::string ProfilePart(int number, int count, const std::string& content) {
  return Segment(0xE2, std::string("ICC_PROFILE\0", 12) + static_cast<char>(number) +
                           static_cast<char>(count) + content);
}

JpegMetadata Read(const std::string& segments, size_t max_profile_bytes = kNoLimit) {
  return ReadJpegMetadata("\xFF\xD8" + segments + Segment(0xDA, "scan") + Exif(3),
                          max_profile_bytes);
}

TEST(JpegMetadataTest, ReadsOrientationBeforeTheScanOnly) {
  EXPECT_EQ(Read("").orientation, 1);
  EXPECT_EQ(Read(Exif(6)).orientation, 6);
  EXPECT_EQ(Read(Segment(0xE1, "http://ns.adobe.com/xap/1.0/") + Exif(8)).orientation, 8);
  EXPECT_EQ(Read(Exif(8) + Exif(6)).orientation, 8);
  EXPECT_EQ(Read("\xFF\xFF\xFF" + Exif(5).substr(1) + "\1\2\3" + Segment(0xFE, "x")).orientation,
            5);
}

TEST(JpegMetadataTest, PutsAProfileTogether) {
  EXPECT_EQ(Read("").icc_profile_bytes, 0);
  EXPECT_EQ(Read(ProfilePart(1, 1, "abc")).icc_profile, "abc");
  EXPECT_EQ(
      Read(ProfilePart(2, 3, "b") + ProfilePart(3, 3, "c") + ProfilePart(1, 3, "a")).icc_profile,
      "abc");
}

TEST(JpegMetadataTest, IncompleteAndHugeProfilesAreLeftOut) {
  const JpegMetadata incomplete = Read(ProfilePart(1, 3, "a") + ProfilePart(3, 3, "c"));
  EXPECT_EQ(incomplete.icc_profile_bytes, 2);
  EXPECT_EQ(incomplete.icc_profile, "");
  EXPECT_EQ(Read(ProfilePart(0, 1, "a")).icc_profile, "");
  EXPECT_EQ(Read(ProfilePart(2, 1, "a")).icc_profile, "");
  EXPECT_EQ(Read(ProfilePart(1, 2, "a") + ProfilePart(2, 2, "b"), 1).icc_profile, "");
}

TEST(JpegMetadataTest, CountsScansUpToTheEnd) {
  const std::string scan = Segment(0xDA, "scan") + std::string("\1\xFF\0\2\xFF\xD3\4", 7);
  const std::string thumbnail = Segment(0xE1, "\xFF\xD8" + scan + "\xFF\xD9");
  const JpegScans two = FindJpegScans("\xFF\xD8" + thumbnail + scan + scan + "\xFF\xD9" + scan);
  EXPECT_EQ(two.count, 2);
  EXPECT_TRUE(two.has_end);
  EXPECT_FALSE(FindJpegScans("\xFF\xD8" + thumbnail + scan).has_end);
  std::string thousands = "\xFF\xD8";
  for (int i = 0; i < 5000; ++i) thousands += scan;
  EXPECT_EQ(FindJpegScans(thousands).count, kMaxJpegScans + 1);
}

TEST(JpegMetadataTest, EveryCutIsSurvived) {
  const std::string file = "\xFF\xD8" + Exif(6) + ProfilePart(1, 1, "abc");
  for (size_t bytes = 0; bytes < file.size(); ++bytes) {
    const int orientation = ReadJpegMetadata(file.substr(0, bytes), kNoLimit).orientation;
    EXPECT_TRUE(orientation == 1 || orientation == 6) << bytes;
  }
}

}  // namespace
}  // namespace tessera::preprocess
