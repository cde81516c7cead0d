// SPDX-License-Identifier: Apache-2.0
#include "services/inference/call/batch_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/services/inference/call/served_door.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::FakeChat;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;

// Results by id.
using Results = std::map<std::string, v1::BatchResponse>;
using Stream = grpc::ClientReaderWriter<v1::BatchRequest, v1::BatchResponse>;

absl::Status ErrorOf(const v1::BatchResponse& response) {
  return FromGrpcStatus(grpc::Status(static_cast<grpc::StatusCode>(response.error().code()),
                                     response.error().message(),
                                     response.error().SerializeAsString()));
}

class BatchCallTest : public ServedDoor {
 protected:
  static v1::BatchRequest Item(const std::string& id, const std::string& text) {
    v1::BatchRequest item;
    item.set_id(id);
    *item.mutable_generate() = Ask(text);
    return item;
  }

  // Opens a batch and reads the window.
  std::unique_ptr<Stream> Open(v1::BatchWindow& window) {
    context_of_call_ = Soon();
    auto stream = stub_->Batch(context_of_call_.get());
    v1::BatchResponse first;
    EXPECT_TRUE(stream->Read(&first));
    EXPECT_TRUE(first.has_window());
    EXPECT_EQ(first.id(), "");
    window = first.window();
    return stream;
  }

  static absl::Status ReadToEnd(Stream& stream, Results& results) {
    v1::BatchResponse response;
    while (stream.Read(&response)) {
      EXPECT_TRUE(results.emplace(response.id(), response).second) << response.id();
    }
    return FromGrpcStatus(stream.Finish());
  }

  absl::Status Run(const std::vector<v1::BatchRequest>& items, Results& results) {
    v1::BatchWindow window;
    auto stream = Open(window);
    for (const v1::BatchRequest& item : items) stream->Write(item);
    stream->WritesDone();
    return ReadToEnd(*stream, results);
  }

  std::unique_ptr<grpc::ClientContext> context_of_call_;
};

TEST_F(BatchCallTest, AnswersEveryItemUnderItsId) {
  engine_.on_chat = [](FakeChat& chat) {
    const bool vectors = chat.body().find("\"input\"") != std::string::npos;
    const bool label = chat.format_json().find("enum") != std::string::npos;
    const std::vector<std::vector<float>> one = {{1, 0}};
    EXPECT_THAT(vectors ? chat.Piece({.embeddings = one})
                        : chat.Piece(label ? R"({"label":"dog"})" : "to " + chat.texts()[0]),
                IsOk());
    chat.End(ChatOutcome{});
  };
  v1::BatchRequest classify, embed;
  classify.set_id("c");
  *classify.mutable_classify() = AskForLabel();
  embed.set_id("e");
  *embed.mutable_embed() = AskForVectors({"text"});
  Results results;
  EXPECT_THAT(Run({Item("g", "hello"), classify, embed}, results), IsOk());
  ASSERT_EQ(results.size(), 3);
  EXPECT_EQ(results["g"].generate().text(), "to hello");
  EXPECT_EQ(results["c"].classify().label(), "dog");
  EXPECT_EQ(results["e"].embed().embeddings_size(), 1);
  for (const char* method : {"generate", "classify", "embed"}) {
    EXPECT_EQ(Count("batch_items_total", {{"method", method}, {"result", "ok"}}), 1) << method;
  }
}

TEST_F(BatchCallTest, StatesItsWindowAndEndsWithoutItems) {
  v1::BatchWindow window;
  auto stream = Open(window);
  EXPECT_EQ(window.max_items(), 4);
  EXPECT_EQ(window.max_bytes(), 100'000);
  stream->WritesDone();
  Results results;
  EXPECT_THAT(ReadToEnd(*stream, results), IsOk());
  EXPECT_TRUE(results.empty());
}

TEST_F(BatchCallTest, ABadItemFailsAlone) {
  AnswerOneAfterTheOther({"yes"});
  v1::BatchRequest nothing;
  nothing.set_id("nothing");
  Results results;
  EXPECT_THAT(
      Run({Item("bad", ""), nothing, Item("no name", "hello"), Item("good", "hello")}, results),
      IsOk());
  ASSERT_EQ(results.size(), 4);
  EXPECT_THAT(ErrorOf(results["bad"]), IsInvalidField("messages[0]"));
  EXPECT_EQ(MetadataOf(ErrorOf(results["bad"]), "requestId"), "r-1");
  EXPECT_THAT(ErrorOf(results["nothing"]), IsInvalidField("item"));
  EXPECT_THAT(ErrorOf(results["no name"]), IsInvalidField("id"));
  EXPECT_EQ(results["good"].generate().text(), "yes");
  EXPECT_EQ(Count("batch_items_total", {{"method", "generate"}, {"result", "error"}}), 1);
}

TEST_F(BatchCallTest, ResultsComeAsTheyAreReady) {
  v1::BatchWindow window;
  auto stream = Open(window);
  for (const char* id : {"a", "b"}) stream->Write(Item(id, id));
  const auto a = engine_.WaitForChat(0), b = engine_.WaitForChat(1);
  b->End(ChatOutcome{});
  v1::BatchResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.id(), "b");
  a->End(ChatOutcome{});
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.id(), "a");
  // An id may be used again when its result is there, and the window is open again.
  stream->Write(Item("a", "again"));
  engine_.WaitForChat(2)->End(ChatOutcome{});
  stream->WritesDone();
  Results results;
  EXPECT_THAT(ReadToEnd(*stream, results), IsOk());
  EXPECT_EQ(results.size(), 1);
}

TEST_F(BatchCallTest, MoreItemsThanTheWindowEndTheStream) {
  v1::BatchWindow window;
  auto stream = Open(window);
  for (const char* id : {"1", "2", "3", "4", "5"}) stream->Write(Item(id, id));
  EXPECT_TRUE(Becomes([&] {
    const auto chats = engine_.chats();
    return chats.size() == 4 && chats[0]->cancelled() && chats[3]->cancelled();
  }));
  for (const auto& chat : engine_.chats()) {
    chat->End(MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  }
  Results results;
  EXPECT_THAT(ReadToEnd(*stream, results),
              IsError(StatusCode::kInvalidArgument, "BATCH_WINDOW_EXCEEDED"));
  EXPECT_EQ(Count("requests_in_flight"), 0);
}

TEST_F(BatchCallTest, TwoItemsUnderOneIdEndTheStream) {
  v1::BatchWindow window;
  auto stream = Open(window);
  stream->Write(Item("a", "hello"));
  const auto chat = engine_.WaitForChat(0);
  stream->Write(Item("a", "hello"));
  EXPECT_TRUE(Becomes([&] { return chat->cancelled(); }));
  chat->End(MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  Results results;
  EXPECT_THAT(ReadToEnd(*stream, results), IsInvalidField("id"));
}

TEST_F(BatchCallTest, ItemsBeyondTheBytesOfTheWindowWait) {
  v1::BatchWindow window;
  auto stream = Open(window);
  // The first one fills the window.
  for (const char* id : {"1", "2", "3"}) stream->Write(Item(id, std::string(100'000, 'x')));
  const auto first = engine_.WaitForChat(0);
  EXPECT_FALSE(Becomes([&, until = absl::Now() + absl::Milliseconds(100)] {
                 return engine_.chats().size() > 1 || absl::Now() > until;
               }) &&
               engine_.chats().size() > 1);
  first->End(ChatOutcome{});
  engine_.WaitForChat(1)->End(ChatOutcome{});
  engine_.WaitForChat(2)->End(ChatOutcome{});
  stream->WritesDone();
  Results results;
  EXPECT_THAT(ReadToEnd(*stream, results), IsOk());
  EXPECT_EQ(results.size(), 3);
}

TEST_F(BatchCallTest, ACallerWhoLeavesFreesTheEngine) {
  v1::BatchWindow window;
  auto stream = Open(window);
  stream->Write(Item("a", "one"));
  stream->Write(Item("b", "two"));
  const auto a = engine_.WaitForChat(0), b = engine_.WaitForChat(1);
  context_of_call_->TryCancel();
  EXPECT_TRUE(Becomes([&] { return a->cancelled() && b->cancelled(); }));
  for (const auto& chat : {a, b}) {
    chat->End(MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  }
  EXPECT_TRUE(Becomes([&] { return Count("requests_in_flight") == 0; }));
  Results results;
  EXPECT_EQ(ReadToEnd(*stream, results).code(), StatusCode::kCancelled);
}

TEST_F(BatchCallTest, ManyItemsKeepApart) {
  engine_.on_chat = [](FakeChat& chat) {
    EXPECT_THAT(chat.Piece(chat.texts()[0]), IsOk());
    chat.End(ChatOutcome{});
  };
  v1::BatchWindow window;
  auto stream = Open(window);
  v1::BatchResponse response;
  int sent = 0, answered = 0;
  while (answered < 500) {
    while (sent < 500 && sent - answered < static_cast<int>(window.max_items())) {
      ASSERT_TRUE(stream->Write(Item("i" + std::to_string(sent), "t" + std::to_string(sent))));
      ++sent;
    }
    ASSERT_TRUE(stream->Read(&response)) << FromGrpcStatus(stream->Finish());
    EXPECT_EQ(response.generate().text(), "t" + response.id().substr(1));
    ++answered;
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace tessera::inference
