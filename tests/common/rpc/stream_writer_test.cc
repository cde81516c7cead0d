// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/stream_writer.h"

#include <gtest/gtest.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include <string>
#include <thread>
#include <vector>

#include "common/concurrency/notification.h"
#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

using Event = inference::v1::StreamGenerateResponse;
using testing::IsError;
using testing::IsOk;

Event Text(const std::string& text) {
  Event event;
  event.mutable_text()->set_text(text);
  return event;
}

// Notes what it is told; a write is done when the test says so.
class RecordingStream : public StreamWriter<Event>::Stream {
 public:
  void Write(const Event* event) override {
    EXPECT_FALSE(writing) << "two writes at once";
    EXPECT_FALSE(end.has_value()) << "a write after the end";
    writing = true;
    written.push_back(event->text().text());
  }
  void End(const grpc::Status& status) override {
    EXPECT_FALSE(writing) << "the end during a write";
    EXPECT_FALSE(end.has_value()) << "a second end";
    end = status;
  }
  void Done(StreamWriter<Event>& writer, bool ok = true) {
    writing = false;
    writer.OnWriteDone(ok);
  }

  bool writing = false;
  std::vector<std::string> written;
  std::optional<grpc::Status> end;
};

class StreamWriterTest : public ::testing::Test {
 protected:
  RecordingStream stream_;
  StreamWriter<Event> writer_{stream_, 1'000};
};

using Texts = std::vector<std::string>;

TEST_F(StreamWriterTest, WritesInOrderOneAtATime) {
  for (const char* text : {"a", "b", "c"}) EXPECT_THAT(writer_.Push(Text(text)), IsOk());
  EXPECT_EQ(stream_.written, Texts({"a"}));
  stream_.Done(writer_);
  EXPECT_EQ(stream_.written, Texts({"a", "b"}));
  stream_.Done(writer_);
  stream_.Done(writer_);
  EXPECT_EQ(stream_.written, Texts({"a", "b", "c"}));
  EXPECT_THAT(writer_.Push(Text("d")), IsOk());
  EXPECT_EQ(stream_.written.back(), "d");
  EXPECT_FALSE(stream_.end.has_value());
}

TEST_F(StreamWriterTest, EndsAfterEverythingIsWritten) {
  EXPECT_THAT(writer_.Push(Text("a")), IsOk());
  EXPECT_THAT(writer_.Push(Text("b")), IsOk());
  writer_.Finish(grpc::Status::OK);
  stream_.Done(writer_);
  EXPECT_FALSE(stream_.end.has_value());
  stream_.Done(writer_);
  ASSERT_TRUE(stream_.end.has_value());
  EXPECT_TRUE(stream_.end->ok());
  EXPECT_EQ(stream_.written, Texts({"a", "b"}));
}

TEST_F(StreamWriterTest, AnErrorTakesNothingBackThatCameBeforeIt) {
  for (const char* text : {"a", "b"}) EXPECT_THAT(writer_.Push(Text(text)), IsOk());
  writer_.Finish(grpc::Status(grpc::StatusCode::INTERNAL, "broken"));
  stream_.Done(writer_);
  EXPECT_FALSE(stream_.end.has_value());
  stream_.Done(writer_);
  ASSERT_TRUE(stream_.end.has_value());
  EXPECT_EQ(stream_.end->error_message(), "broken");
  EXPECT_EQ(stream_.written, Texts({"a", "b"}));
}

TEST_F(StreamWriterTest, AnErrorDoesNotWaitForACallerThatIsTooSlow) {
  for (const char* text : {"a", "b"}) EXPECT_THAT(writer_.Push(Text(text)), IsOk());
  EXPECT_FALSE(writer_.Push(Text(std::string(5'000, 'x'))).ok());
  writer_.Finish(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too slow"));
  stream_.Done(writer_);
  ASSERT_TRUE(stream_.end.has_value());
  EXPECT_EQ(stream_.written, Texts({"a"}));
}

TEST_F(StreamWriterTest, EndsAtOnceWhenNothingIsQueued) {
  writer_.Finish(grpc::Status(grpc::StatusCode::INTERNAL, "broken"));
  ASSERT_TRUE(stream_.end.has_value());
}

TEST_F(StreamWriterTest, OnlyTheFirstEndCounts) {
  writer_.Finish(grpc::Status::OK);
  writer_.Finish(grpc::Status(grpc::StatusCode::INTERNAL, "late"));
  EXPECT_TRUE(stream_.end->ok());
  EXPECT_THAT(writer_.Push(Text("late")), IsOk());
  EXPECT_TRUE(stream_.written.empty());
}

TEST_F(StreamWriterTest, RefusesMoreThanItMayKeep) {
  const std::string half(450, 'x');
  EXPECT_THAT(writer_.Push(Text(half)), IsOk());
  EXPECT_THAT(writer_.Push(Text(half)), IsOk());
  const absl::Status refused = writer_.Push(Text(half));
  EXPECT_THAT(refused, IsError(absl::StatusCode::kResourceExhausted, "CALLER_TOO_SLOW"));
  EXPECT_EQ(MetadataOf(refused, "limitBytes"), "1000");
  stream_.Done(writer_);
  EXPECT_THAT(writer_.Push(Text(half)), IsOk());
}

TEST_F(StreamWriterTest, TakesOneMessageOfAnySizeWhenItKeepsNothing) {
  EXPECT_THAT(writer_.Push(Text(std::string(5'000, 'x'))), IsOk());
  EXPECT_THAT(writer_.Push(Text("y")),
              IsError(absl::StatusCode::kResourceExhausted, "CALLER_TOO_SLOW"));
  stream_.Done(writer_);
  EXPECT_THAT(writer_.Push(Text("z")), IsOk());
}

TEST_F(StreamWriterTest, DropsWhatIsQueuedWhenTheOtherSideIsGone) {
  for (const char* text : {"a", "b", "c"}) EXPECT_THAT(writer_.Push(Text(text)), IsOk());
  stream_.Done(writer_, /*ok=*/false);
  EXPECT_EQ(stream_.written, Texts({"a"}));
  EXPECT_FALSE(stream_.end.has_value());
  writer_.Finish(grpc::Status::OK);
  EXPECT_TRUE(stream_.end.has_value());
}

TEST_F(StreamWriterTest, EndsAfterAFailedWriteWhenItWasFinishedBefore) {
  EXPECT_THAT(writer_.Push(Text("a")), IsOk());
  EXPECT_THAT(writer_.Push(Text("b")), IsOk());
  writer_.Finish(grpc::Status::OK);
  stream_.Done(writer_, /*ok=*/false);
  EXPECT_TRUE(stream_.end.has_value());
  EXPECT_EQ(stream_.written, Texts({"a"}));
}

// A stream whose end takes the writer along, as a reactor that deletes itself does.
struct SelfDeleting : StreamWriter<Event>::Stream {
  explicit SelfDeleting(Notification& ended_in) : ended(ended_in) {}
  void Write(const Event*) override { writer->OnWriteDone(true); }
  void End(const grpc::Status&) override {
    writer.reset();
    ended.Notify();
  }
  Notification& ended;
  std::unique_ptr<StreamWriter<Event>> writer = std::make_unique<StreamWriter<Event>>(*this, 1'000);
};

TEST(StreamWriterLifeTest, MayBeDestroyedByItsEnd) {
  Notification ended;
  SelfDeleting stream(ended);
  EXPECT_THAT(stream.writer->Push(Text("a")), IsOk());
  stream.writer->Finish(grpc::Status::OK);
  EXPECT_TRUE(ended.HasBeenNotified());
}

// Writes are done by a thread of the stream's own, while others push and finish.
class ThreadedStream : public StreamWriter<Event>::Stream {
 public:
  ThreadedStream() : thread_([this] { Run(); }) {}
  ~ThreadedStream() override { thread_.join(); }

  void Write(const Event* event) override {
    MutexLock lock(&mutex_);
    pending_.push_back(event->text().text());
    changed_.Signal();
  }
  void End(const grpc::Status&) override {
    MutexLock lock(&mutex_);
    ended_ = true;
    changed_.Signal();
  }

  StreamWriter<Event> writer{*this, 1 << 20};
  std::vector<std::string> written;  // After the destructor of the pushing threads.
  Notification done;

 private:
  void Run() {
    while (true) {
      {
        MutexLock lock(&mutex_);
        while (pending_.empty() && !ended_) changed_.Wait(&mutex_);
        if (pending_.empty()) break;
        EXPECT_EQ(pending_.size(), 1);
        written.push_back(pending_.front());
        pending_.clear();
      }
      writer.OnWriteDone(true);
    }
    done.Notify();
  }

  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> pending_;
  bool ended_ = false;
  std::thread thread_;
};

TEST(StreamWriterThreadsTest, KeepsEachThreadsOrder) {
  ThreadedStream stream;
  constexpr int kThreads = 3;
  constexpr int kMessages = 300;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&stream, t] {
      for (int i = 0; i < kMessages; ++i) {
        ASSERT_THAT(stream.writer.Push(Text(std::to_string(t * kMessages + i))), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  stream.writer.Finish(grpc::Status::OK);
  ASSERT_TRUE(stream.done.WaitFor(absl::Seconds(20)));
  ASSERT_EQ(stream.written.size(), kThreads * kMessages);
  std::vector<int> next(kThreads, 0);
  for (const std::string& text : stream.written) {
    const int number = std::stoi(text);
    EXPECT_EQ(number % kMessages, next[number / kMessages]++);
  }
}

}  // namespace
}  // namespace tessera
