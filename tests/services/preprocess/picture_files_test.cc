// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture_files.h"

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
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

TEST(PictureFilesTest, LeavesEveryOtherFieldAsItIs) {
  api::GenerateRequest generate;
  SetEveryField(generate);
  generate.GetReflection()->MutableUnknownFields(&generate)->AddVarint(1'999, 7);
  const api::GenerateRequest generate_before = generate;
  auto files = TakeFiles(generate);
  ASSERT_THAT(files, IsOk());
  EXPECT_TRUE(files->empty());
  EXPECT_EQ(generate.SerializeAsString(), generate_before.SerializeAsString());

  api::ClassifyRequest classify;
  SetEveryField(classify);
  const api::ClassifyRequest classify_before = classify;
  EXPECT_THAT(TakeFiles(classify), IsOk());
  EXPECT_EQ(classify.SerializeAsString(), classify_before.SerializeAsString());
}

TEST(PictureFilesTest, TakesFilesAndLeavesOtherPictures) {
  api::GenerateRequest request = WithImages({std::string(1'000, 'f')});
  const void* const bytes = request.messages(0).images(0).content().data();
  request.mutable_messages(0)->add_images()->mutable_prepared()->set_data("jpeg");
  request.add_messages()->add_images()->set_stream_id("mine");
  request.mutable_messages(1)->add_images()->set_content("second");
  const auto files = TakeFiles(request);
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 2);
  EXPECT_EQ((*files)[0].index, 0);
  EXPECT_EQ((*files)[0].content, std::string(1'000, 'f'));
  EXPECT_EQ((*files)[0].content.data(), bytes) << "files are not copied";
  EXPECT_EQ((*files)[0].place, &request.messages(0).images(0));
  EXPECT_EQ((*files)[1].index, 3);
  EXPECT_EQ((*files)[1].content, "second");
  EXPECT_EQ((*files)[1].place, &request.messages(1).images(1));
  EXPECT_NE((*files)[0].stream_id, (*files)[1].stream_id);
  EXPECT_EQ(request.messages(0).images(0).stream_id(), (*files)[0].stream_id);
  EXPECT_EQ(request.messages(0).images(1).prepared().data(), "jpeg");
  EXPECT_EQ(request.messages(1).images(0).stream_id(), "mine");
  EXPECT_EQ(request.messages(1).images(1).stream_id(), (*files)[1].stream_id);
}

TEST(PictureFilesTest, TakesTheFilesOfClassify) {
  api::ClassifyRequest request;
  request.add_images()->set_content("file");
  request.add_images()->mutable_prepared()->set_data("jpeg");
  const auto files = TakeFiles(request);
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 1);
  EXPECT_EQ((*files)[0].index, 0);
  EXPECT_EQ((*files)[0].content, "file");
  EXPECT_EQ((*files)[0].place, &request.images(0));
  EXPECT_EQ(request.images(1).prepared().data(), "jpeg");
}

TEST(PictureFilesTest, TakesSixteenPicturesAndNoMore) {
  std::vector<std::string> contents(16, "x");
  api::GenerateRequest sixteen = WithImages(contents);
  EXPECT_THAT(TakeFiles(sixteen), IsOk());
  contents.emplace_back("x");
  api::GenerateRequest more = WithImages(contents);
  EXPECT_THAT(TakeFiles(more), IsInvalidField("images"));
  api::ClassifyRequest classify;
  for (int i = 0; i < 17; ++i) classify.add_images()->set_content("x");
  EXPECT_THAT(TakeFiles(classify), IsInvalidField("images"));
}

}  // namespace
}  // namespace tessera::preprocess
