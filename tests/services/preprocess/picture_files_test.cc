// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture_files.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using testing::IsInvalidField;
using testing::IsOk;

// Sets every field that there is, in depth, so that a field added to the API is seen here.
void SetEveryField(Message& message) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      // Pictures are what the parting is about: the tests add them.
      if (field->message_type() == image::v1::Image::descriptor()) continue;
      SetEveryField(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                         : *reflection->MutableMessage(&message, field));
      continue;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        field->is_repeated() ? reflection->AddString(&message, field, field->name())
                             : reflection->SetString(&message, field, field->name());
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        reflection->SetUInt32(&message, field, 7);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection->SetInt32(&message, field, 7);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection->SetInt64(&message, field, 7);
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection->SetFloat(&message, field, 0.5F);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection->SetEnumValue(&message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection->SetBool(&message, field, true);
        break;
      default:
        FAIL() << "teach this test the type of " << field->full_name();
    }
  }
}

api::GenerateRequest WithImages(const std::vector<std::string>& contents) {
  api::GenerateRequest request;
  for (const std::string& content : contents) {
    request.add_messages()->add_images()->set_content(content);
  }
  return request;
}

TEST(PictureFilesTest, KnowsWhetherARequestHasFiles) {
  EXPECT_FALSE(HasFiles({}));
  api::GenerateRequest request;
  request.add_messages()->add_images()->mutable_prepared();
  request.add_messages()->add_images()->set_stream_id("a");
  EXPECT_FALSE(HasFiles(request));
  request.mutable_messages(1)->add_images()->set_content("");
  EXPECT_TRUE(HasFiles(request));
}

TEST(PictureFilesTest, ForwardsEveryFieldOfGenerateButTheOptionsThatItUses) {
  api::GenerateRequest request;
  SetEveryField(request);
  std::vector<PictureFile> files;
  const auto parted = PartFiles(request, files);
  ASSERT_THAT(parted, IsOk());
  request.clear_image_options();
  EXPECT_TRUE(MessageDifferencer::Equals(*parted, request))
      << parted->DebugString() << "\nshould be\n"
      << request.DebugString();
  EXPECT_TRUE(files.empty());
}

TEST(PictureFilesTest, ForwardsEveryFieldOfClassifyButTheOptionsThatItUses) {
  api::ClassifyRequest request;
  SetEveryField(request);
  std::vector<PictureFile> files;
  const auto parted = PartFiles(request, files);
  ASSERT_THAT(parted, IsOk());
  request.clear_image_options();
  EXPECT_TRUE(MessageDifferencer::Equals(*parted, request)) << parted->DebugString();
}

TEST(PictureFilesTest, PartsFilesAndLeavesOtherPictures) {
  api::GenerateRequest request = WithImages({"first"});
  request.mutable_messages(0)->add_images()->mutable_prepared()->set_data("jpeg");
  request.add_messages()->add_images()->set_stream_id("mine");
  request.mutable_messages(1)->add_images()->set_content("second");
  std::vector<PictureFile> files;
  const auto parted = PartFiles(request, files);
  ASSERT_THAT(parted, IsOk());
  ASSERT_EQ(files.size(), 2);
  EXPECT_EQ(files[0].index, 0);
  EXPECT_EQ(files[0].content, "first");
  EXPECT_EQ(files[0].content.data(), request.messages(0).images(0).content().data())
      << "files are not copied";
  EXPECT_EQ(files[1].index, 3);
  EXPECT_EQ(files[1].content, "second");
  EXPECT_NE(files[0].stream_id, files[1].stream_id);
  EXPECT_EQ(parted->messages(0).images(0).stream_id(), files[0].stream_id);
  EXPECT_EQ(parted->messages(0).images(1).prepared().data(), "jpeg");
  EXPECT_EQ(parted->messages(1).images(0).stream_id(), "mine");
  EXPECT_EQ(parted->messages(1).images(1).stream_id(), files[1].stream_id);
}

TEST(PictureFilesTest, LeavesPlacesForTheFilesOfClassify) {
  api::ClassifyRequest request;
  request.add_images()->set_content("file");
  request.add_images()->mutable_prepared()->set_data("jpeg");
  std::vector<PictureFile> files;
  const auto parted = PartFiles(request, files);
  ASSERT_THAT(parted, IsOk());
  ASSERT_EQ(parted->images_size(), 2);
  EXPECT_EQ(parted->images(0).source_case(), image::v1::Image::SOURCE_NOT_SET);
  EXPECT_EQ(parted->images(1).prepared().data(), "jpeg");
  ASSERT_EQ(files.size(), 1);
  EXPECT_EQ(files[0].index, 0);
  EXPECT_EQ(files[0].content, "file");
}

TEST(PictureFilesTest, TakesSixteenPicturesAndNoMore) {
  std::vector<PictureFile> files;
  std::vector<std::string> contents(16, "x");
  EXPECT_THAT(PartFiles(WithImages(contents), files), IsOk());
  EXPECT_EQ(files.size(), 16);
  contents.emplace_back("x");
  EXPECT_THAT(PartFiles(WithImages(contents), files), IsInvalidField("images"));
  api::ClassifyRequest classify;
  for (int i = 0; i < 17; ++i) classify.add_images()->set_content("x");
  EXPECT_THAT(PartFiles(classify, files), IsInvalidField("images"));
}

}  // namespace
}  // namespace tessera::preprocess
