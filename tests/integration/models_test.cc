// SPDX-License-Identifier: Apache-2.0
//
// Models fetched, uploaded, made, loaded and removed, at both doors, with a simulated engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/digest/sha256.h"
#include "common/rpc/grpc_status.h"
#include "tests/integration/pair.h"
#include "tests/support/status_matchers.h"

namespace tessera::testing {
namespace {

namespace models = model::v1;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string DigestOf(const std::string& bytes) {
  Sha256 sha256;
  sha256.Add(bytes);
  return "sha256:" + sha256.HexDigest();
}

PairOptions WithRegistry(const std::string& admin = "allow") {
  PairOptions options;
  simulator::ModelSpec far;
  far.name = "far:1b";
  far.size_bytes = 50'000'000;
  options.simulator.registry.push_back(far);
  simulator::ModelSpec f16;
  f16.name = "text:f16";
  f16.quantization = "F16";
  options.simulator.models.push_back(f16);
  options.inference.model_admin = admin;
  options.inference.engine_check_interval = absl::Milliseconds(20);
  return options;
}

enum class Door { kFront, kGpu };

class ModelsTest : public ::testing::TestWithParam<Door> {
 protected:
  void Start(PairOptions options = WithRegistry()) {
    pair_ = std::make_unique<Pair>(std::move(options));
    stub_ = models::ModelService::NewStub(GetParam() == Door::kFront ? pair_->front_channel()
                                                                     : pair_->gpu_channel());
  }

  template <typename Request, typename Response>
  using Method = grpc::Status (models::ModelService::Stub::*)(grpc::ClientContext*, const Request&,
                                                              Response*);

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Method<Request, Response> method, const Request& request) {
    Response response;
    const grpc::Status status = (stub_.get()->*method)(Soon().get(), request, &response);
    if (!status.ok()) return FromGrpcStatus(status);
    return response;
  }

  struct Told {
    absl::Status status;
    std::vector<models::ModelProgress> progress;
    std::vector<std::string> words() const {
      std::vector<std::string> all;
      for (const auto& one : progress) all.push_back(one.status());
      return all;
    }
  };

  // `enough` is asked after each message; true cancels the call.
  Told Pull(const std::string& name,
            const std::function<bool(const models::ModelProgress&)>& enough = nullptr) {
    models::PullModelRequest request;
    request.set_model(name);
    const auto context = Soon();
    const auto stream = stub_->PullModel(context.get(), request);
    Told told;
    models::PullModelResponse response;
    while (stream->Read(&response)) {
      told.progress.push_back(response.progress());
      if (enough && enough(response.progress())) context->TryCancel();
    }
    told.status = FromGrpcStatus(stream->Finish());
    return told;
  }

  Told Create(const models::CreateModelRequest& request) {
    const auto context = Soon();
    const auto stream = stub_->CreateModel(context.get(), request);
    Told told;
    models::CreateModelResponse response;
    while (stream->Read(&response)) told.progress.push_back(response.progress());
    told.status = FromGrpcStatus(stream->Finish());
    return told;
  }

  absl::StatusOr<models::UploadBlobResponse> Upload(const std::string& content,
                                                    const std::string& digest,
                                                    uint64_t announced_bytes) {
    const auto context = Soon();
    models::UploadBlobResponse response;
    const auto stream = stub_->UploadBlob(context.get(), &response);
    models::UploadBlobRequest part;
    part.mutable_start()->set_digest(digest);
    part.mutable_start()->set_size_bytes(announced_bytes);
    bool taken = stream->Write(part);
    for (size_t at = 0; taken && at < content.size(); at += 1 << 20) {
      part.set_piece(content.substr(at, 1 << 20));
      taken = stream->Write(part);
    }
    stream->WritesDone();
    const grpc::Status status = stream->Finish();
    if (!status.ok()) return FromGrpcStatus(status);
    return response;
  }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    const auto list = Call(&models::ModelService::Stub::ListModels, models::ListModelsRequest());
    if (list.ok()) {
      for (const auto& model : list->models()) names.push_back(model.name());
    }
    return names;
  }
  bool Has(const std::string& name) {
    const std::vector<std::string> names = Names();
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  std::unique_ptr<Pair> pair_;
  std::unique_ptr<models::ModelService::Stub> stub_;
};

INSTANTIATE_TEST_SUITE_P(BothDoors, ModelsTest, ::testing::Values(Door::kFront, Door::kGpu),
                         [](const auto& door) {
                           return door.param == Door::kFront ? "Front" : "Gpu";
                         });

TEST_P(ModelsTest, ShowsOneModel) {
  Start();
  models::ShowModelRequest request;
  request.set_model("qwen3-vl:4b");
  const auto shown = Call(&models::ModelService::Stub::ShowModel, request);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_THAT(shown->capabilities(), Contains("vision"));
  EXPECT_EQ(shown->architecture().name(), "qwen3vl");
  request.set_model("nobody");
  EXPECT_THAT(Call(&models::ModelService::Stub::ShowModel, request),
              IsError(absl::StatusCode::kNotFound, "MODEL_NOT_FOUND"));
  request.set_model("no body");
  EXPECT_THAT(Call(&models::ModelService::Stub::ShowModel, request), IsInvalidField("model"));
}

TEST_P(ModelsTest, LoadsShowsAndUnloads) {
  Start();
  models::LoadModelRequest load;
  load.set_model("llama3.2-custom");
  load.mutable_keep_alive()->set_seconds(60);
  load.set_context_tokens(2048);
  const auto loaded = Call(&models::ModelService::Stub::LoadModel, load);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->model().name(), "llama3.2-custom:latest");
  EXPECT_EQ(loaded->model().context_tokens(), 2048);
  const auto running =
      Call(&models::ModelService::Stub::ListRunningModels, models::ListRunningModelsRequest());
  ASSERT_TRUE(running.ok()) << running.status();
  ASSERT_EQ(running->models_size(), 1);
  EXPECT_TRUE(running->models(0).has_expires_at());
  models::UnloadModelRequest unload;
  unload.set_model("llama3.2-custom");
  ASSERT_TRUE(Call(&models::ModelService::Stub::UnloadModel, unload).ok());
  EXPECT_TRUE(PollUntil([&] {
    return Call(&models::ModelService::Stub::ListRunningModels, models::ListRunningModelsRequest())
        ->models()
        .empty();
  }));
}

TEST_P(ModelsTest, PullsWithProgressAndThenTheModelServes) {
  PairOptions options = WithRegistry();
  options.simulator.pull_bytes_per_second = 60e6;
  Start(std::move(options));
  const Told told = Pull("far:1b");
  ASSERT_TRUE(told.status.ok()) << told.status;
  EXPECT_EQ(told.progress.front().status(), "pulling manifest");
  EXPECT_EQ(told.progress.back().status(), "success");
  EXPECT_THAT(told.progress, Contains(::testing::Property(
                                 &models::ModelProgress::bytes_per_second,
                                 ::testing::AllOf(::testing::Gt(20e6), ::testing::Lt(120e6)))));
  EXPECT_TRUE(Has("far:1b"));
}

TEST_P(ModelsTest, AnInterruptedPullGoesOnWhereItStopped) {
  PairOptions options = WithRegistry();
  options.simulator.pull_bytes_per_second = 100e6;
  Start(std::move(options));
  uint64_t reached = 0;
  const Told first = Pull("far:1b", [&](const models::ModelProgress& progress) {
    reached = std::max(reached, progress.completed_bytes());
    return reached > 10'000'000;
  });
  EXPECT_EQ(first.status.code(), absl::StatusCode::kCancelled);
  const Told second = Pull("far:1b");
  ASSERT_TRUE(second.status.ok()) << second.status;
  uint64_t begins_at = 0;
  for (const auto& progress : second.progress) {
    if (progress.total_bytes() > 0) {
      begins_at = progress.completed_bytes();
      break;
    }
  }
  EXPECT_GE(begins_at, reached);
}

TEST_P(ModelsTest, SaysWhyAPullFailed) {
  Start();
  EXPECT_THAT(Pull("nobody:1b").status,
              IsError(absl::StatusCode::kNotFound, "MODEL_NOT_IN_REGISTRY"));
  EXPECT_THAT(Pull("no body").status, IsInvalidField("model"));
  pair_->engine().Script(
      {.path = "/api/pull",
       .answer = {.fault = simulator::Fault{.kind = simulator::Fault::Kind::kError,
                                            .after_lines = 1,
                                            .text = "write blobs/x: no space left on device"}}});
  EXPECT_THAT(Pull("far:1b").status,
              IsError(absl::StatusCode::kResourceExhausted, "ENGINE_DISK_FULL"));
  EXPECT_TRUE(Pull("far:1b").status.ok());
}

TEST_P(ModelsTest, SaysThatTheRegistryCannotBeReached) {
  PairOptions options = WithRegistry();
  options.simulator.registry_reachable = false;
  Start(std::move(options));
  EXPECT_THAT(Pull("far:1b").status,
              IsError(absl::StatusCode::kUnavailable, "REGISTRY_UNREACHABLE"));
}

TEST_P(ModelsTest, UploadsAFileAndMakesAModelOfIt) {
  Start();
  const std::string content(9'000'000, 'x');
  const std::string digest = DigestOf(content);
  models::FindMissingBlobsRequest find;
  find.add_digests(digest);
  EXPECT_THAT(Call(&models::ModelService::Stub::FindMissingBlobs, find)->missing(),
              ElementsAre(digest));
  const auto uploaded = Upload(content, digest, content.size());
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  EXPECT_FALSE(uploaded->existed());
  EXPECT_THAT(Call(&models::ModelService::Stub::FindMissingBlobs, find)->missing(), IsEmpty());
  EXPECT_TRUE(Upload(content, digest, content.size())->existed());

  models::CreateModelRequest create;
  create.set_model("mine");
  create.add_files()->set_name("mine.gguf");
  create.mutable_files(0)->set_digest(digest);
  const Told told = Create(create);
  ASSERT_TRUE(told.status.ok()) << told.status;
  EXPECT_THAT(told.words(), Contains("success"));
  EXPECT_TRUE(Has("mine:latest"));
}

TEST_P(ModelsTest, RefusesAnUploadThatIsNotWhatItSaid) {
  Start();
  const std::string content(3'000'000, 'x');
  EXPECT_THAT(Upload(content, DigestOf("other"), content.size()),
              IsError(absl::StatusCode::kDataLoss, "MODEL_FILES_DAMAGED"));
  EXPECT_THAT(Upload(content, DigestOf(content), content.size() + 1),
              IsError(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
  EXPECT_THAT(Upload(content, DigestOf(content), 1000),
              IsError(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
  EXPECT_THAT(Upload(content, "sha256:1", content.size()), IsInvalidField("digest"));
  EXPECT_TRUE(Upload(content, DigestOf(content), content.size()).ok());
}

TEST_P(ModelsTest, QuantisesOnlyWhatIsNotQuantised) {
  Start();
  models::CreateModelRequest create;
  create.set_model("text:q4");
  create.set_from("text:f16");
  create.set_quantize("q4_K_M");
  EXPECT_TRUE(Create(create).status.ok());
  create.set_from("llama3.2-custom");
  EXPECT_THAT(Create(create).status,
              IsError(absl::StatusCode::kFailedPrecondition, "QUANTIZATION_SOURCE"));
  create.set_from("text:f16");
  create.set_quantize("q5_K_M");
  EXPECT_THAT(Create(create).status,
              IsError(absl::StatusCode::kInvalidArgument, "QUANTIZATION_UNKNOWN"));
}

TEST_P(ModelsTest, CopiesAndDeletes) {
  Start();
  models::CopyModelRequest copy;
  copy.set_source("llama3.2-custom");
  copy.set_destination("second");
  ASSERT_TRUE(Call(&models::ModelService::Stub::CopyModel, copy).ok());
  EXPECT_TRUE(Has("second:latest"));
  models::DeleteModelRequest remove;
  remove.set_model("second");
  ASSERT_TRUE(Call(&models::ModelService::Stub::DeleteModel, remove).ok());
  EXPECT_FALSE(Has("second:latest"));
  EXPECT_THAT(Call(&models::ModelService::Stub::DeleteModel, remove),
              IsError(absl::StatusCode::kNotFound, "MODEL_NOT_FOUND"));
}

TEST_P(ModelsTest, PredictsMemory) {
  Start();
  models::PredictMemoryRequest request;
  request.set_model("qwen3-vl:4b");
  request.set_context_tokens(8192);
  request.set_gpu_memory_bytes(uint64_t{24} << 30);
  request.set_parallel(4);
  request.add_with_models("llama3.2-custom");
  const auto prediction = Call(&models::ModelService::Stub::PredictMemory, request);
  ASSERT_TRUE(prediction.ok()) << prediction.status();
  EXPECT_EQ(prediction->use().context_tokens(), 8192);
  EXPECT_TRUE(prediction->slots_forced_to_one());
  EXPECT_GT(prediction->use().kv_cache_bytes(), 0);
  EXPECT_EQ(prediction->others_size(), 1);
  EXPECT_EQ(prediction->choices_size(), 4);
  request.set_without_flash_attention(true);
  request.set_kv_cache_type(models::KV_CACHE_TYPE_Q8_0);
  EXPECT_THAT(Call(&models::ModelService::Stub::PredictMemory, request),
              IsInvalidField("kv_cache_type"));
}

TEST_P(ModelsTest, LetsNobodyChangeAnythingUnlessItIsAllowed) {
  Start(WithRegistry("deny"));
  const auto is_disabled = IsError(absl::StatusCode::kPermissionDenied, "MODEL_ADMIN_DISABLED");
  using Stub = models::ModelService::Stub;
  EXPECT_THAT(Call(&Stub::LoadModel, models::LoadModelRequest()), is_disabled);
  EXPECT_THAT(Call(&Stub::UnloadModel, models::UnloadModelRequest()), is_disabled);
  EXPECT_THAT(Call(&Stub::CopyModel, models::CopyModelRequest()), is_disabled);
  EXPECT_THAT(Call(&Stub::DeleteModel, models::DeleteModelRequest()), is_disabled);
  EXPECT_THAT(Call(&Stub::FindMissingBlobs, models::FindMissingBlobsRequest()), is_disabled);
  EXPECT_THAT(Pull("far:1b").status, is_disabled);
  EXPECT_THAT(Create({}).status, is_disabled);
  EXPECT_THAT(Upload("x", DigestOf("x"), 1), is_disabled);
  EXPECT_TRUE(Call(&Stub::ListRunningModels, models::ListRunningModelsRequest()).ok());
}

TEST_P(ModelsTest, ACallerWhoLeavesInTheMiddleOfAnUploadHarmsNobody) {
  Start();
  const std::string content(3'000'000, 'y');
  {
    const auto context = Soon();
    models::UploadBlobResponse response;
    const auto stream = stub_->UploadBlob(context.get(), &response);
    models::UploadBlobRequest part;
    part.mutable_start()->set_digest(DigestOf(content));
    part.mutable_start()->set_size_bytes(content.size());
    ASSERT_TRUE(stream->Write(part));
    part.set_piece(content.substr(0, 1 << 20));
    ASSERT_TRUE(stream->Write(part));
    context->TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_TRUE(PollUntil([&] { return pair_->inference().http_stats().active_transfers <= 3; }));
  EXPECT_TRUE(Upload(content, DigestOf(content), content.size()).ok());
  pair_->ExpectServes();
}

TEST_P(ModelsTest, SaysThatTheEngineIsGone) {
  Start();
  pair_->engine().Crash();
  EXPECT_THAT(Pull("far:1b").status, IsError(absl::StatusCode::kUnavailable, "ENGINE_UNREACHABLE"));
  EXPECT_THAT(Upload("x", DigestOf("x"), 1),
              IsError(absl::StatusCode::kUnavailable, "ENGINE_UNREACHABLE"));
}

}  // namespace
}  // namespace tessera::testing
