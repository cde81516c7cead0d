// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/ask/tessera_asker.h"

#include <grpcpp/client_context.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include "absl/time/clock.h"
#include "cli/call_error.h"
#include "common/rpc/proto_time.h"

namespace tessera::bench {
namespace {

namespace api = inference::v1;

api::GenerateRequest ToRequest(const Question& question) {
  api::GenerateRequest request;
  request.set_model(question.model);
  request.set_cache_policy(api::CACHE_POLICY_OFF);
  api::Message& message = *request.add_messages();
  message.set_role(api::ROLE_USER);
  message.set_text(question.prompt);
  for (const std::string& picture : question.pictures) message.add_images()->set_content(picture);
  if (!question.pictures.empty()) *request.mutable_image_options() = question.image_options;
  if (!question.json_schema.empty()) {
    request.mutable_response_format()->set_json_schema(question.json_schema);
  }
  request.mutable_sampling()->set_max_output_tokens(question.max_tokens);
  request.mutable_sampling()->set_temperature(static_cast<float>(question.temperature));
  request.mutable_sampling()->set_seed(question.seed);
  return request;
}

class TesseraAsker : public Asker {
 public:
  TesseraAsker(const cli::Connection& connection, absl::Duration timeout, StopFlag& stop)
      : address_(connection.address),
        timeout_(timeout),
        stop_(stop),
        stub_(api::InferenceService::NewStub(connection.channel)) {}

  Answer Ask(const Question& question) override {
    Answer answer;
    api::StreamGenerateRequest first;
    *first.mutable_start() = ToRequest(question);
    grpc::ClientContext context;
    const absl::Time begin = absl::Now();
    context.set_deadline(absl::ToChronoTime(begin + timeout_));
    const int ending = stop_.Add([&context] { context.TryCancel(); });
    auto stream = stub_->StreamGenerate(&context);
    stream->Write(first, grpc::WriteOptions().set_last_message());
    for (api::StreamGenerateResponse event; stream->Read(&event);) {
      if (event.has_text()) {
        if (!answer.first_token_s) {
          answer.first_token_s = absl::ToDoubleSeconds(absl::Now() - begin);
        }
        answer.text += event.text().text();
      } else if (event.has_image_prepared()) {
        TakeImage(event.image_prepared(), answer);
      } else if (event.has_finished()) {
        TakeCompletion(event.finished(), answer);
      }
    }
    const grpc::Status status = stream->Finish();
    answer.total_s = absl::ToDoubleSeconds(absl::Now() - begin);
    stop_.Remove(ending);
    answer.status = cli::ToCallError(status, {.address = address_, .timeout = timeout_});
    return answer;
  }

 private:
  const std::string address_;
  const absl::Duration timeout_;
  StopFlag& stop_;
  const std::unique_ptr<api::InferenceService::Stub> stub_;
};

}  // namespace

void TakeCompletion(const inference::v1::Completion& completion, Answer& answer) {
  const inference::v1::Timings& timings = completion.timings();
  answer.model = completion.model();
  answer.engine_total_s = ToSeconds(timings.engine_total());
  answer.load_s = ToSeconds(timings.engine_load());
  answer.prefill_s = ToSeconds(timings.engine_prefill());
  answer.decode_s = ToSeconds(timings.engine_decode());
  answer.service_s = ToSeconds(timings.total());
  answer.preprocess_s = ToSeconds(timings.preprocess());
  answer.queue_s = ToSeconds(timings.queue());
  answer.prompt_tokens = completion.usage().prompt_tokens();
  answer.output_tokens = completion.usage().output_tokens();
}

void TakeImage(const inference::v1::ImageSummary& image, Answer& answer) {
  if (!answer.stages.empty()) return;
  for (const auto& stage : image.stage_times()) {
    answer.stages.emplace_back(stage.stage(), ToSeconds(stage.duration()));
  }
  answer.width_px = image.width_px();
  answer.height_px = image.height_px();
  answer.picture_bytes = image.size_bytes();
}

std::unique_ptr<Asker> MakeTesseraAsker(const cli::Connection& connection, absl::Duration timeout,
                                        StopFlag& stop) {
  return std::make_unique<TesseraAsker>(connection, timeout, stop);
}

}  // namespace tessera::bench
