// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/fake_server.h"

#include <fmt/format.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/proto_time.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;

constexpr int kMaxMessageBytes = 64 << 20;

// Around a handler.
struct Turn {
  Turn() { TakeTurn(); }
  ~Turn() { TakeTurn(); }
};

absl::Status Unexpected() { return absl::UnimplementedError("the test expects no such call"); }

}  // namespace

grpc::Status FakeInference::Classify(grpc::ServerContext*, const api::ClassifyRequest* request,
                                     api::ClassifyResponse* response) {
  const Turn turn;
  return ToGrpcStatus(on_classify ? on_classify(*request, *response) : Unexpected());
}

grpc::Status FakeInference::Generate(grpc::ServerContext*, const api::GenerateRequest* request,
                                     api::GenerateResponse* response) {
  const Turn turn;
  return ToGrpcStatus(on_generate ? on_generate(*request, *response) : Unexpected());
}

grpc::Status FakeInference::StreamGenerate(grpc::ServerContext* context, Stream* stream) {
  Upload upload;
  for (api::StreamGenerateRequest part; stream->Read(&part);) {
    if (part.has_start()) upload.start = part.start();
    if (part.has_image()) {
      upload.pictures[part.image().stream_id()] = part.image().image().content();
      ++upload.messages[part.image().stream_id()];
    }
    if (part.has_chunk()) {
      upload.pictures[part.chunk().stream_id()] += part.chunk().data();
      ++upload.messages[part.chunk().stream_id()];
    }
  }
  const Turn turn;
  return ToGrpcStatus(on_stream ? on_stream(upload, *stream, *context) : Unexpected());
}

grpc::Status FakeInference::Embed(grpc::ServerContext*, const api::EmbedRequest* request,
                                  api::EmbedResponse* response) {
  const Turn turn;
  return ToGrpcStatus(on_embed ? on_embed(*request, *response) : Unexpected());
}

grpc::Status FakeInference::Batch(
    grpc::ServerContext*, grpc::ServerReaderWriter<api::BatchResponse, api::BatchRequest>* stream) {
  const Turn turn;
  if (!on_batch_item) return ToGrpcStatus(Unexpected());
  api::BatchResponse window;
  window.mutable_window()->set_max_items(2);
  window.mutable_window()->set_max_bytes(1 << 20);
  stream->Write(window);
  for (api::BatchRequest item; stream->Read(&item);) {
    api::BatchResponse result = on_batch_item(item);
    result.set_id(item.id());
    stream->Write(result);
  }
  return grpc::Status::OK;
}

grpc::Status FakePreprocess::PreprocessImage(grpc::ServerContext*,
                                             const preprocess::v1::PreprocessImageRequest* request,
                                             preprocess::v1::PreprocessImageResponse* response) {
  const Turn turn;
  return ToGrpcStatus(on_preprocess ? on_preprocess(*request, *response) : Unexpected());
}

grpc::Status FakeModels::ListModels(grpc::ServerContext*, const model::v1::ListModelsRequest*,
                                    model::v1::ListModelsResponse* response) {
  const Turn turn;
  *response = answer;
  return ToGrpcStatus(status);
}

FakeServer::FakeServer(bool only_inference) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  // With SO_REUSEPORT gRPC listens once more for each completion queue, and for port 0 each time at
  // another port, which nobody knows of and other tests may take for a free one.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  std::vector<std::string> names = {"tessera.inference.v1.InferenceService"};
  builder.RegisterService(&inference);
  if (!only_inference) {
    builder.RegisterService(&preprocess);
    builder.RegisterService(&models);
    names.push_back("tessera.preprocess.v1.PreprocessService");
  }
  server_ = builder.BuildAndStart();
  for (const std::string& name : names) SetServing(name, true);
}

FakeServer::~FakeServer() { server_->Shutdown(std::chrono::system_clock::now()); }

std::string FakeServer::address() const { return fmt::format("127.0.0.1:{}", port_); }

void FakeServer::SetServing(const std::string& service, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(service, serving);
}

bool WaitForCancel(grpc::ServerContext& context) {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (!context.IsCancelled()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

api::Completion SomeCompletion() {
  api::Completion completion;
  completion.set_finish_reason(api::FINISH_REASON_STOP);
  completion.set_model("tessera-mini");
  completion.set_request_id("0123abcd");
  completion.mutable_usage()->set_prompt_tokens(312);
  completion.mutable_usage()->set_output_tokens(12);
  auto& timings = *completion.mutable_timings();
  *timings.mutable_total() = ToProto(absl::Milliseconds(410));
  *timings.mutable_time_to_first_token() = ToProto(absl::Milliseconds(250));
  *timings.mutable_engine_total() = ToProto(absl::Milliseconds(400));
  *timings.mutable_engine_load() = ToProto(absl::Milliseconds(30));
  *timings.mutable_engine_prefill() = ToProto(absl::Milliseconds(200));
  *timings.mutable_engine_decode() = ToProto(absl::Milliseconds(120));
  *timings.mutable_preprocess() = ToProto(absl::Milliseconds(46));
  return completion;
}

api::ImageSummary SomeSummary(uint32_t index) {
  api::ImageSummary summary;
  summary.set_index(index);
  summary.set_width_px(768);
  summary.set_height_px(576);
  summary.set_size_bytes(98'400);
  summary.set_pixel_digest(std::string(32, '\x1f'));
  summary.mutable_source()->set_format(image::v1::IMAGE_FORMAT_JPEG);
  summary.mutable_source()->set_width_px(4000);
  summary.mutable_source()->set_height_px(3000);
  summary.mutable_source()->set_size_bytes(3'355'443);
  auto& stage = *summary.add_stage_times();
  stage.set_stage("decode");
  *stage.mutable_duration() = ToProto(absl::Milliseconds(21));
  return summary;
}

api::StreamGenerateResponse TextEvent(const std::string& text) {
  api::StreamGenerateResponse event;
  event.mutable_text()->set_text(text);
  return event;
}

api::StreamGenerateResponse FinishedEvent() {
  api::StreamGenerateResponse event;
  *event.mutable_finished() = SomeCompletion();
  return event;
}

std::string TemporaryFile(const std::string& name, const std::string& content) {
  struct Folder {
    Folder() {
      std::string pattern = ::testing::TempDir() + "tessera-cli-XXXXXX";
      if (mkdtemp(pattern.data()) != nullptr) path = pattern;
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::string path;
  };
  static const Folder folder;
  const std::string path = folder.path + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

}  // namespace tessera::cli
