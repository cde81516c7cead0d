// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/model_question_calls.h"

#include <string>
#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/models/engine_management.h"
#include "services/inference/models/management_errors.h"
#include "services/inference/models/model_name.h"
#include "services/inference/models/model_replies.h"
#include "services/inference/models/unary_model_call.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;

constexpr int kMaxDigests = 1000;

class ShowModelCall : public UnaryModelCall {
 public:
  ShowModelCall(const ModelsContext& context_in, grpc::CallbackServerContext* rpc,
                const api::ShowModelRequest* request, api::ShowModelResponse* response)
      : UnaryModelCall(context_in, rpc, "ShowModel") {
    Begin(ModelCallKind::kQuestion, request->model(), [&] {
      TESSERA_RETURN_IF_ERROR(CheckModelName("model", request->model()));
      const uint64_t size_bytes = context().SizeOnDisk(request->model());
      Ask(ShowRequest(context(), request->model(), deadline()),
          [this, response, size_bytes](HttpResponse reply) {
            if (reply.status != 200) return StatusFromManagementReply(reply.status, reply.body);
            TESSERA_ASSIGN_OR_RETURN(ModelDescription read,
                                     ReadModelDescription(reply.body, size_bytes));
            *response = std::move(read.shown);
            Succeed();
            return absl::OkStatus();
          });
      return absl::OkStatus();
    });
  }
};

class ListRunningModelsCall : public UnaryModelCall {
 public:
  ListRunningModelsCall(const ModelsContext& context_in, grpc::CallbackServerContext* rpc,
                        api::ListRunningModelsResponse* response)
      : UnaryModelCall(context_in, rpc, "ListRunningModels") {
    Begin(ModelCallKind::kQuestion, "", [&] {
      Ask(RunningRequest(context(), deadline()), [this, response](HttpResponse reply) {
        if (reply.status != 200) return StatusFromManagementReply(reply.status, reply.body);
        TESSERA_ASSIGN_OR_RETURN(std::vector<api::RunningModel> running,
                                 ReadRunningModels(reply.body));
        for (api::RunningModel& model : running) *response->add_models() = std::move(model);
        Succeed();
        return absl::OkStatus();
      });
      return absl::OkStatus();
    });
  }
};

class FindMissingBlobsCall : public UnaryModelCall {
 public:
  FindMissingBlobsCall(const ModelsContext& context_in, grpc::CallbackServerContext* rpc,
                       const api::FindMissingBlobsRequest* request,
                       api::FindMissingBlobsResponse* response)
      : UnaryModelCall(context_in, rpc, "FindMissingBlobs"),
        request_(*request),
        response_(*response) {
    Begin(ModelCallKind::kAdmin, "", [&] {
      if (request_.digests_size() > kMaxDigests) {
        return InvalidField("digests", "must have at most 1,000 entries");
      }
      for (const std::string& digest : request_.digests()) {
        TESSERA_RETURN_IF_ERROR(CheckDigest("digests", digest));
      }
      return AskAbout(0);
    });
  }

 private:
  absl::Status AskAbout(int index) {
    if (index == request_.digests_size()) {
      Succeed();
      return absl::OkStatus();
    }
    const std::string& digest = request_.digests(index);
    Ask(FindBlobRequest(context(), digest, deadline()), [this, index](HttpResponse reply) {
      if (reply.status == 404) {
        response_.add_missing(request_.digests(index));
      } else if (reply.status != 200) {
        return StatusFromManagementReply(reply.status, reply.body);
      }
      return AskAbout(index + 1);
    });
    return absl::OkStatus();
  }

  const api::FindMissingBlobsRequest& request_;
  api::FindMissingBlobsResponse& response_;
};

}  // namespace

grpc::ServerUnaryReactor* StartShowModel(const ModelsContext& context,
                                         grpc::CallbackServerContext* rpc,
                                         const api::ShowModelRequest* request,
                                         api::ShowModelResponse* response) {
  return new ShowModelCall(context, rpc, request, response);
}

grpc::ServerUnaryReactor* StartListRunningModels(const ModelsContext& context,
                                                 grpc::CallbackServerContext* rpc,
                                                 api::ListRunningModelsResponse* response) {
  return new ListRunningModelsCall(context, rpc, response);
}

grpc::ServerUnaryReactor* StartFindMissingBlobs(const ModelsContext& context,
                                                grpc::CallbackServerContext* rpc,
                                                const api::FindMissingBlobsRequest* request,
                                                api::FindMissingBlobsResponse* response) {
  return new FindMissingBlobsCall(context, rpc, request, response);
}

}  // namespace tessera::inference
