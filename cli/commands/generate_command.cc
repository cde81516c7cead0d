// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/generate_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/answer_output.h"
#include "cli/answer_stream.h"
#include "cli/client_call.h"
#include "cli/json_document.h"
#include "cli/picture_upload.h"
#include "cli/text_argument.h"
#include "common/rpc/request_id.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera generate \"Why is the sky blue?\" --stream\n"
    "  tessera generate \"Describe the picture.\" --picture photo.jpg --stream --timings\n"
    "  tessera generate \"What changed?\" --picture before.png --picture after.png\n"
    "  git diff | tessera generate - --system \"Write a commit message for this diff.\"\n"
    "  tessera generate \"A haiku.\" --temperature 0 --seed 1 --max-tokens 40 --json | jq -r "
    ".text\n"
    "\n"
    "The answer goes to standard output: byte for byte in a pipe; on a terminal its control\n"
    "characters are shown as escapes. With --stream and --json, one document per event.\n"
    "`tessera --help` lists the options that every command takes, and the exit codes.";

}  // namespace

CLI::App* GenerateCommand::Declare(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("generate", "Ask a model, with pictures if you like");
  app->add_option("PROMPT", prompt_, "What to ask; - reads it from standard input")->required();
  app->add_option("--picture", picture_paths_, "A picture file; may be given up to 16 times")
      ->allow_extra_args(false);
  app->add_option("--system", system_, "Instructions to the model");
  app->add_flag("--stream", stream_, "Show the answer as it is made; upload pictures in pieces");
  app->add_option("--model", model_, "Model to ask; the server has a default");
  app->add_option("--max-tokens", max_tokens_, "Most tokens in the answer");
  app->add_option("--temperature", temperature_, "0 is deterministic, at most 2");
  app->add_option("--seed", seed_, "Same seed, same request, same model: same answer");
  app->footer(kExamples);
  return app;
}

FailedAction GenerateCommand::Action() const {
  return {.what = "generate", .request_id = request_id_};
}

absl::Status GenerateCommand::ReadArguments(Session& session) {
  const auto from_input = std::count(picture_paths_.begin(), picture_paths_.end(), "-");
  if (from_input + (prompt_ == "-" ? 1 : 0) > 1) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     "only one of the prompt and the pictures can come from standard input");
  }
  TESSERA_RETURN_IF_ERROR(CheckUtf8("--system", system_));
  TESSERA_RETURN_IF_ERROR(CheckUtf8("--model", model_));
  TESSERA_ASSIGN_OR_RETURN(prompt_, ReadPrompt(prompt_));
  TESSERA_ASSIGN_OR_RETURN(pictures_, ReadPictures(session, picture_paths_));
  return absl::OkStatus();
}

api::GenerateRequest GenerateCommand::MakeRequest() const {
  api::GenerateRequest request;
  request.set_model(model_);
  request.set_request_id(request_id_);
  if (!system_.empty()) {
    api::Message& message = *request.add_messages();
    message.set_role(api::ROLE_SYSTEM);
    message.set_text(system_);
  }
  api::Message& message = *request.add_messages();
  message.set_role(api::ROLE_USER);
  message.set_text(prompt_);
  if (stream_) {
    PromisePictures(pictures_.size(), message);
  } else {
    for (const PictureFile& picture : pictures_) message.add_images()->set_content(picture.content);
  }
  api::SamplingOptions& sampling = *request.mutable_sampling();
  if (max_tokens_) sampling.set_max_output_tokens(*max_tokens_);
  if (temperature_) sampling.set_temperature(*temperature_);
  if (seed_) sampling.set_seed(*seed_);
  return request;
}

int GenerateCommand::Run(Session& session) {
  if (const absl::Status status = ReadArguments(session); !status.ok()) {
    return session.Fail(status, Action());
  }
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), Action());
  request_id_ = MakeRequestId();
  return stream_ ? RunStream(session, *connection) : RunWhole(session, *connection);
}

int GenerateCommand::RunWhole(Session& session, const Connection& connection) {
  session.terminal().progress().Show("waiting for the answer");
  ClientCall call(session, connection);
  api::GenerateResponse response;
  const absl::Status status =
      call.ToStatus(api::InferenceService::NewStub(connection.channel)
                        ->Generate(call.context(), MakeRequest(), &response));
  CallReport report{.client = {.connect = connection.connect_time, .total = call.elapsed()},
                    .completion = response.completion()};
  if (!status.ok()) return session.Fail(status, Action());
  session.terminal().progress().Hide();
  if (session.options().json) {
    nlohmann::ordered_json document = ToDocument(response);
    document["client"] = ClientDocument(report.client, response.completion());
    session.PrintDocument(document);
    return kExitOk;
  }
  AnswerOutput output(session.terminal());
  output.Write(response.text());
  output.End();
  for (const auto& image : response.images()) report.images.push_back(&image);
  for (const PictureFile& picture : pictures_) report.picture_names.push_back(picture.name);
  ShowEnd(session, report);
  return kExitOk;
}

int GenerateCommand::RunStream(Session& session, const Connection& connection) {
  AnswerStream stream(session, connection, pictures_);
  const absl::Status status = stream.Run(MakeRequest());
  if (!status.ok()) return session.Fail(status, Action());
  if (!session.options().json) ShowEnd(session, stream.report());
  return kExitOk;
}

void GenerateCommand::ShowEnd(Session& session, const CallReport& report) const {
  if (report.completion.finish_reason() == api::FINISH_REASON_LENGTH) {
    session.Warn("the answer was cut: --max-tokens, or the model's context, was reached");
  }
  if (session.wants_timings()) {
    session.terminal().Err(TimingTable(report, session.terminal().err_pen()));
  }
}

}  // namespace tessera::cli
