// SPDX-License-Identifier: Apache-2.0
//
// Batches at the front door, before an inference service that does what the test says.
#include "services/preprocess/call/batch_call.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_status.h"
#include "services/preprocess/preprocess_server.h"
#include "tests/support/fake_inference_service.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"
#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;
using absl::StatusCode;
using testing::FakeInferenceService;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;

using Results = std::map<std::string, api::BatchResponse>;

absl::Status ErrorOf(const api::BatchResponse& response) {
  return FromGrpcStatus(grpc::Status(static_cast<grpc::StatusCode>(response.error().code()),
                                     response.error().message(),
                                     response.error().SerializeAsString()));
}

class FrontBatchTest : public ::testing::Test {
 protected:
  FrontBatchTest() { InitLogging({.service = "test", .level = LogLevel::kOff}); }

  // Call when the service's functions are set.
  void StartServers() {
    auto inference =
        GrpcServer::Start({.services = {{FakeInferenceService::kName, &inference_}}}, registry_);
    ASSERT_THAT(inference, IsOk());
    inference_server_ = *std::move(inference);
    PreprocessConfig config;
    config.listen = config.metrics_listen = "127.0.0.1:0";
    config.inference_address = "127.0.0.1:" + std::to_string(inference_server_->port());
    config.worker_threads = 2;
    config.max_queued = 4;
    config.batch_window = 16;
    config.inference_check_interval = absl::Hours(1);
    auto front = PreprocessServer::Start(config);
    ASSERT_THAT(front, IsOk());
    front_ = *std::move(front);
    stub_ = api::InferenceService::NewStub(
        MakeClientChannel("127.0.0.1:" + std::to_string(front_->port())));
  }

  static api::BatchRequest Item(const std::string& id, const std::vector<std::string>& files) {
    api::BatchRequest item;
    item.set_id(id);
    item.mutable_generate()->set_request_id("r-" + id);
    api::Message& message = *item.mutable_generate()->add_messages();
    message.set_role(api::ROLE_USER);
    message.set_text("what?");
    for (const std::string& file : files) message.add_images()->set_content(file);
    return item;
  }

  absl::Status Run(const std::vector<api::BatchRequest>& items, Results& results) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    auto stream = stub_->Batch(&context);
    api::BatchResponse response;
    EXPECT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.window().max_items(), 16);
    for (const api::BatchRequest& item : items) stream->Write(item);
    stream->WritesDone();
    while (stream->Read(&response)) results[response.id()] = response;
    return FromGrpcStatus(stream->Finish());
  }

  const std::string picture_ = testing::EncodeJpeg(testing::DrawGradient(64, 48));
  prometheus::Registry registry_;
  FakeInferenceService inference_;
  std::unique_ptr<GrpcServer> inference_server_;
  std::unique_ptr<PreprocessServer> front_;
  std::unique_ptr<api::InferenceService::Stub> stub_;
};

TEST_F(FrontBatchTest, PreparesThePicturesOfItsItems) {
  Mutex mutex;
  std::vector<api::GenerateRequest> seen;
  inference_.generate = [&](const api::GenerateRequest& request, api::GenerateResponse& response) {
    MutexLock lock(&mutex);
    seen.push_back(request);
    response.set_text(request.request_id());
    return grpc::Status::OK;
  };
  inference_.classify = [](const api::ClassifyRequest& request, api::ClassifyResponse& response) {
    EXPECT_TRUE(request.images(0).has_prepared());
    EXPECT_EQ(request.priority(), api::PRIORITY_BATCH);
    response.set_label("dog");
    return grpc::Status::OK;
  };
  inference_.embed = [](const api::EmbedRequest&, api::EmbedResponse& response) {
    response.add_embeddings()->add_values(1);
    return grpc::Status::OK;
  };
  StartServers();
  api::BatchRequest classify, embed;
  classify.set_id("c");
  classify.mutable_classify()->add_labels("dog");
  classify.mutable_classify()->add_images()->set_content(picture_);
  embed.set_id("e");
  embed.mutable_embed()->add_texts("text");
  Results results;
  EXPECT_THAT(Run({Item("g", {picture_, picture_}), classify, embed}, results), IsOk());
  ASSERT_EQ(results.size(), 3);
  EXPECT_EQ(results["g"].generate().text(), "r-g");
  EXPECT_EQ(results["g"].generate().images_size(), 2);
  EXPECT_TRUE(results["g"].generate().completion().timings().has_preprocess());
  EXPECT_EQ(results["c"].classify().label(), "dog");
  EXPECT_EQ(results["c"].classify().images_size(), 1);
  EXPECT_EQ(results["e"].embed().embeddings_size(), 1);
  ASSERT_EQ(seen.size(), 1);
  EXPECT_EQ(seen[0].priority(), api::PRIORITY_BATCH);
  EXPECT_TRUE(seen[0].messages(0).images(1).has_prepared());
}

TEST_F(FrontBatchTest, ABadItemFailsAlone) {
  inference_.generate = [](const api::GenerateRequest& request, api::GenerateResponse&) {
    if (request.request_id() != "r-refused") return grpc::Status::OK;
    return ToGrpcStatus(MakeError(StatusCode::kNotFound, "MODEL_NOT_FOUND", "no such model"));
  };
  StartServers();
  api::BatchRequest nothing;
  nothing.set_id("nothing");
  Results results;
  EXPECT_THAT(
      Run({Item("broken", {"no picture"}), nothing, Item("refused", {}), Item("good", {picture_})},
          results),
      IsOk());
  ASSERT_EQ(results.size(), 4);
  EXPECT_THAT(ErrorOf(results["broken"]),
              IsError(StatusCode::kInvalidArgument, "IMAGE_FORMAT_UNSUPPORTED"));
  EXPECT_EQ(MetadataOf(ErrorOf(results["broken"]), "requestId"), "r-broken");
  EXPECT_THAT(ErrorOf(results["nothing"]), IsInvalidField("item"));
  EXPECT_THAT(ErrorOf(results["refused"]), IsError(StatusCode::kNotFound, "MODEL_NOT_FOUND"));
  EXPECT_TRUE(results["good"].has_generate());
}

TEST_F(FrontBatchTest, ManyPicturesWaitForTheWorkersInsteadOfBeingRefused) {
  inference_.generate = [](const api::GenerateRequest&, api::GenerateResponse&) {
    return grpc::Status::OK;
  };
  StartServers();
  std::vector<api::BatchRequest> items;
  for (int i = 0; i < 16; ++i) items.push_back(Item(std::to_string(i), {picture_, picture_}));
  Results results;
  EXPECT_THAT(Run(items, results), IsOk());
  ASSERT_EQ(results.size(), 16);
  for (const auto& [id, result] : results) {
    EXPECT_TRUE(result.has_generate()) << id << ErrorOf(result);
  }
}

}  // namespace
}  // namespace tessera::preprocess
