// SPDX-License-Identifier: Apache-2.0
//
// All services of the API at one port, answering what a test says.
#ifndef TESSERA_TESTS_CLI_FAKE_SERVER_H_
#define TESSERA_TESTS_CLI_FAKE_SERVER_H_

#include <grpcpp/server.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>
#include <tessera/model/v1/model_service.grpc.pb.h>
#include <tessera/preprocess/v1/preprocess_service.grpc.pb.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace tessera::cli {

// Handlers are set before the call they answer comes, and run on the server's threads.
class FakeInference : public inference::v1::InferenceService::Service {
 public:
  using Stream = grpc::ServerReaderWriter<inference::v1::StreamGenerateResponse,
                                          inference::v1::StreamGenerateRequest>;

  // What came on a stream.
  struct Upload {
    inference::v1::GenerateRequest start;
    std::map<std::string, std::string> pictures;  // By stream id.
    std::map<std::string, int> messages;          // How many brought each.
  };

  std::function<absl::Status(const inference::v1::ClassifyRequest&,
                             inference::v1::ClassifyResponse&)>
      on_classify;
  std::function<absl::Status(const inference::v1::GenerateRequest&,
                             inference::v1::GenerateResponse&)>
      on_generate;
  std::function<absl::Status(const inference::v1::EmbedRequest&, inference::v1::EmbedResponse&)>
      on_embed;
  // An item of a batch; what it returns is the item's result. The window is two items.
  std::function<inference::v1::BatchResponse(const inference::v1::BatchRequest&)> on_batch_item;
  // Runs once all that was promised has come.
  std::function<absl::Status(const Upload&, Stream&, grpc::ServerContext&)> on_stream;

  grpc::Status Classify(grpc::ServerContext* context, const inference::v1::ClassifyRequest* request,
                        inference::v1::ClassifyResponse* response) override;
  grpc::Status Generate(grpc::ServerContext* context, const inference::v1::GenerateRequest* request,
                        inference::v1::GenerateResponse* response) override;
  grpc::Status StreamGenerate(grpc::ServerContext* context, Stream* stream) override;
  grpc::Status Embed(grpc::ServerContext* context, const inference::v1::EmbedRequest* request,
                     inference::v1::EmbedResponse* response) override;
  grpc::Status Batch(grpc::ServerContext* context,
                     grpc::ServerReaderWriter<inference::v1::BatchResponse,
                                              inference::v1::BatchRequest>* stream) override;
};

class FakePreprocess : public preprocess::v1::PreprocessService::Service {
 public:
  std::function<absl::Status(const preprocess::v1::PreprocessImageRequest&,
                             preprocess::v1::PreprocessImageResponse&)>
      on_preprocess;

  grpc::Status PreprocessImage(grpc::ServerContext* context,
                               const preprocess::v1::PreprocessImageRequest* request,
                               preprocess::v1::PreprocessImageResponse* response) override;
};

class FakeModels : public model::v1::ModelService::Service {
 public:
  absl::Status status;
  model::v1::ListModelsResponse answer;

  grpc::Status ListModels(grpc::ServerContext* context, const model::v1::ListModelsRequest* request,
                          model::v1::ListModelsResponse* response) override;
};

class FakeServer {
 public:
  // Serves at once; every service says SERVING. With `only_inference` the other two are not there.
  explicit FakeServer(bool only_inference = false);
  ~FakeServer();

  FakeInference inference;
  FakePreprocess preprocess;
  FakeModels models;

  std::string address() const;
  void SetServing(const std::string& service, bool serving);

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Polls until the call was given up by its caller; false after half a minute.
bool WaitForCancel(grpc::ServerContext& context);

// A whole answer with plausible facts and times.
inference::v1::Completion SomeCompletion();
// A summary of picture `index`, 4000x3000 to 768x576.
inference::v1::ImageSummary SomeSummary(uint32_t index);

// One event of a stream.
inference::v1::StreamGenerateResponse TextEvent(const std::string& text);
inference::v1::StreamGenerateResponse FinishedEvent();

// A file in a temporary folder, which is removed at the end.
std::string TemporaryFile(const std::string& name, const std::string& content);

}  // namespace tessera::cli

#endif  // TESSERA_TESTS_CLI_FAKE_SERVER_H_
