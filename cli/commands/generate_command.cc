// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/generate_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/answer_choices.h"
#include "cli/answer_output.h"
#include "cli/answer_stream.h"
#include "cli/client_call.h"
#include "cli/json_document.h"
#include "cli/local_file.h"
#include "cli/picture_upload.h"
#include "cli/text_argument.h"
#include "cli/tool_list.h"
#include "common/rpc/request_id.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;

constexpr size_t kMaxSchemaBytes = 64 << 10;
constexpr size_t kMaxToolsBytes = 8 << 20;

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera generate \"Why is the sky blue?\" --stream\n"
    "  tessera generate \"Describe the picture.\" --picture photo.jpg --stream --timings\n"
    "  tessera generate \"What changed?\" --picture before.png --picture after.png\n"
    "  git diff | tessera generate - --system \"Write a commit message for this diff.\"\n"
    "  tessera generate \"A haiku.\" --temperature 0 --seed 1 --max-tokens 40 --json | jq -r "
    ".text\n"
    "  tessera generate \"Who wrote Faust?\" --schema @person.schema.json --repair | jq .\n"
    "  tessera generate \"Weather in Ulm?\" --tools tools.json --json | jq .toolCalls\n"
    "\n"
    "--schema holds the answer to a JSON schema and checks it; --repair lets the model mend a "
    "fault\n"
    "once. --tools names a JSON file: [{\"name\": ..., \"description\": ..., \"parameters\": "
    "schema}];\n"
    "a tool that the model calls is a line \"name arguments\" behind the answer. Thoughts are "
    "shown\n"
    "with --json only, as are probabilities.\n"
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
  app->add_option("--schema", schema_, "JSON schema of the answer, or a file that holds it")
      ->type_name("JSON|@FILE");
  app->add_flag("--any-json", any_json_, "The answer is to be some JSON value")
      ->excludes("--schema");
  app->add_flag("--repair", repair_, "An answer of another form is mended once, if the model can");
  app->add_option("--tools", tools_path_, "Tools that the model may call, a JSON file")
      ->type_name("FILE");
  AddThinkingOption(*app, thinking_);
  app->add_option("--top-logprobs", top_logprobs_,
                  "Probabilities of the tokens, and of so many alternatives, 0 to 20");
  AddCacheOption(*app, cache_);
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
  TESSERA_RETURN_IF_ERROR(ReadForm());
  TESSERA_ASSIGN_OR_RETURN(prompt_, ReadPrompt(prompt_));
  TESSERA_ASSIGN_OR_RETURN(pictures_, ReadPictures(session, picture_paths_));
  return absl::OkStatus();
}

absl::Status GenerateCommand::ReadForm() {
  if (schema_.starts_with('@')) {
    TESSERA_ASSIGN_OR_RETURN(schema_, ReadFile(schema_.substr(1), kMaxSchemaBytes));
  }
  TESSERA_RETURN_IF_ERROR(CheckUtf8("--schema", schema_));
  if (tools_path_.empty()) return absl::OkStatus();
  TESSERA_ASSIGN_OR_RETURN(const std::string tools, ReadFile(tools_path_, kMaxToolsBytes));
  TESSERA_ASSIGN_OR_RETURN(tools_, ReadToolList(tools));
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
  if (!schema_.empty()) request.mutable_response_format()->set_json_schema(schema_);
  if (any_json_) request.mutable_response_format()->set_json(true);
  if (repair_) request.mutable_response_format()->set_repair(true);
  for (const api::Tool& tool : tools_) *request.add_tools() = tool;
  request.set_thinking(thinking_);
  if (top_logprobs_) request.set_top_logprobs(*top_logprobs_);
  request.set_cache_policy(cache_);
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
  for (const api::ToolCall& tool : response.tool_calls()) {
    session.terminal().Out(ToolLine(tool));
  }
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
