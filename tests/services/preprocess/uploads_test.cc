// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/uploads.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;
using absl::StatusCode;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;

auto IsMalformed() { return IsError(StatusCode::kInvalidArgument, "REQUEST_MALFORMED"); }

// A request that shows a file, then promises pictures under these ids.
api::GenerateRequest Start(const std::vector<std::string>& ids) {
  api::GenerateRequest request;
  request.add_messages()->add_images()->set_content("file");
  for (const std::string& id : ids) request.add_messages()->add_images()->set_stream_id(id);
  return request;
}

api::StreamedImage File(const std::string& id, const std::string& file) {
  api::StreamedImage image;
  image.set_stream_id(id);
  image.mutable_image()->set_content(file);
  return image;
}

api::ImageChunk Chunk(const std::string& id, const std::string& data, bool last = false) {
  api::ImageChunk chunk;
  chunk.set_stream_id(id);
  chunk.set_data(data);
  chunk.set_last(last);
  return chunk;
}

class UploadsTest : public ::testing::Test {
 protected:
  void Expect(const std::vector<std::string>& ids) {
    ASSERT_THAT(uploads_.Expect(Start(ids)), IsOk());
  }
  Uploads uploads_{/*max_file_bytes=*/100};
};

TEST_F(UploadsTest, AreCompleteWhenNothingWasPromised) {
  Expect({});
  EXPECT_TRUE(uploads_.complete());
}

TEST_F(UploadsTest, TakesWholePicturesInAnyOrder) {
  Expect({"a", "b"});
  EXPECT_FALSE(uploads_.complete());
  const auto second = uploads_.Take(File("b", "second"));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->index, 2);
  EXPECT_EQ(second->stream_id, "b");
  EXPECT_EQ(second->file, "second");
  EXPECT_FALSE(second->prepared.has_value());
  EXPECT_FALSE(uploads_.complete());
  const auto first = uploads_.Take(File("a", "first"));
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->index, 1);
  EXPECT_TRUE(uploads_.complete());
  EXPECT_EQ(second->file, "second") << "files stay where they are";
}

TEST_F(UploadsTest, PassesAPreparedPictureOn) {
  Expect({"a"});
  api::StreamedImage image;
  image.set_stream_id("a");
  image.mutable_image()->mutable_prepared()->set_data("jpeg");
  const auto upload = uploads_.Take(std::move(image));
  ASSERT_THAT(upload, IsOk());
  ASSERT_TRUE(upload->prepared.has_value());
  EXPECT_EQ(upload->prepared->prepared().data(), "jpeg");
}

TEST_F(UploadsTest, JoinsTheChunksOfSeveralPictures) {
  Expect({"a", "b"});
  for (const auto& [id, data] :
       std::vector<std::pair<std::string, std::string>>{{"a", "fir"}, {"b", "sec"}, {"a", "st"}}) {
    const auto none = uploads_.Take(Chunk(id, data));
    ASSERT_THAT(none, IsOk());
    EXPECT_FALSE(none->has_value());
  }
  const auto second = uploads_.Take(Chunk("b", "ond", /*last=*/true));
  ASSERT_THAT(second, IsOk());
  ASSERT_TRUE(second->has_value());
  EXPECT_EQ((*second)->file, "second");
  EXPECT_EQ((*second)->index, 2);
  const auto first = uploads_.Take(Chunk("a", "", /*last=*/true));
  ASSERT_THAT(first, IsOk());
  ASSERT_TRUE(first->has_value());
  EXPECT_EQ((*first)->file, "first");
  EXPECT_TRUE(uploads_.complete());
}

TEST_F(UploadsTest, AnEmptyFileIsAFile) {
  Expect({"a", "b"});
  const auto chunked = uploads_.Take(Chunk("a", "", /*last=*/true));
  ASSERT_THAT(chunked, IsOk());
  ASSERT_TRUE(chunked->has_value());
  EXPECT_EQ((*chunked)->file, "");
  EXPECT_THAT(uploads_.Take(File("b", "")), IsOk());
}

TEST_F(UploadsTest, RefusesPromisesThatCannotBeKept) {
  Uploads uploads(100);
  EXPECT_THAT(uploads.Expect(Start({""})), IsInvalidField("stream_id"));
  EXPECT_THAT(Uploads(100).Expect(Start({std::string(65, 'x')})), IsInvalidField("stream_id"));
  EXPECT_THAT(Uploads(100).Expect(Start({"a", "b", "a"})), IsInvalidField("stream_id"));
  EXPECT_THAT(Uploads(100).Expect(Start({std::string(64, 'x')})), IsOk());
}

TEST_F(UploadsTest, RefusesWhatWasNotPromisedOrCameBefore) {
  Expect({"a", "b"});
  EXPECT_THAT(uploads_.Take(File("c", "x")), IsMalformed());
  EXPECT_THAT(uploads_.Take(Chunk("c", "x")), IsMalformed());
  ASSERT_THAT(uploads_.Take(File("a", "x")), IsOk());
  EXPECT_THAT(uploads_.Take(File("a", "x")), IsMalformed());
  EXPECT_THAT(uploads_.Take(Chunk("a", "x")), IsMalformed());
  ASSERT_THAT(uploads_.Take(Chunk("b", "x")), IsOk());
  EXPECT_THAT(uploads_.Take(File("b", "x")), IsMalformed());
}

TEST_F(UploadsTest, RefusesAPictureThatIsNone) {
  Expect({"a"});
  api::StreamedImage image;
  image.set_stream_id("a");
  EXPECT_THAT(uploads_.Take(image), IsInvalidField("image"));
  image.mutable_image()->set_stream_id("b");
  EXPECT_THAT(uploads_.Take(image), IsInvalidField("image"));
}

TEST_F(UploadsTest, RefusesChunksThatDoNothingOrTooMuch) {
  Expect({"a"});
  EXPECT_THAT(uploads_.Take(Chunk("a", "")), IsMalformed());
  EXPECT_THAT(uploads_.Take(Chunk("a", std::string((4 << 20) + 1, 'x'))),
              IsInvalidField("chunk.data"));
}

TEST_F(UploadsTest, RefusesAFileAsSoonAsItIsTooLong) {
  Expect({"a"});
  ASSERT_THAT(uploads_.Take(Chunk("a", std::string(60, 'x'))), IsOk());
  ASSERT_THAT(uploads_.Take(Chunk("a", std::string(40, 'x'))), IsOk());
  const auto refused = uploads_.Take(Chunk("a", "x", /*last=*/true));
  EXPECT_THAT(refused, IsError(StatusCode::kInvalidArgument, "IMAGE_TOO_MANY_BYTES"));
  EXPECT_EQ(MetadataOf(refused.status(), "limitBytes"), "100");
}

}  // namespace
}  // namespace tessera::preprocess
