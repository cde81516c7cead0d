// SPDX-License-Identifier: Apache-2.0
#include "cli/models/memory_commands.h"

#include <fmt/format.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <CLI/CLI.hpp>

#include "absl/time/clock.h"
#include "cli/client_call.h"
#include "cli/json_document.h"
#include "cli/quantities.h"
#include "cli/text_table.h"
#include "common/rpc/proto_time.h"

namespace tessera::cli {
namespace {

namespace api = model::v1;

// A large model from a slow disk.
constexpr absl::Duration kLongestLoad = absl::Minutes(10);

std::string PlaceText(const api::RunningModel& model) {
  if (model.size_vram_bytes() == 0) return "100 % CPU";
  if (model.cpu_offload_ratio() <= 0) return "100 % GPU";
  return fmt::format("{:.0f} % CPU", model.cpu_offload_ratio() * 100);
}

std::string ExpiryText(const api::RunningModel& model) {
  if (!model.has_expires_at()) return "never";
  const absl::Duration left = absl::FromUnixSeconds(model.expires_at().seconds()) - absl::Now();
  return left <= absl::ZeroDuration() ? "now" : DurationText(absl::Floor(left, absl::Seconds(1)));
}

}  // namespace

std::string RunningTable(Session& session,
                         const google::protobuf::RepeatedPtrField<api::RunningModel>& models) {
  TextTable table({"NAME", "SIZE", "GPU MEMORY", "WHERE", "CONTEXT", "UNLOADS IN"});
  for (const api::RunningModel& model : models) {
    table.Add({model.name(), SizeText(model.size_bytes()), SizeText(model.size_vram_bytes()),
               PlaceText(model), fmt::to_string(model.context_tokens()), ExpiryText(model)});
  }
  Terminal& terminal = session.terminal();
  return terminal.out_is_terminal() ? table.Aligned(terminal.out_pen()) : table.Plain();
}

CLI::App* RunningModelsCommand::Declare(CLI::App& models) {
  CLI::App* const app = models.add_subcommand("running", "What is in the engine's memory now");
  app->footer(
      "Examples:\n"
      "  tessera models running\n"
      "  tessera models running --json | jq 'select(.cpuOffloadRatio > 0).name'\n"
      "\n"
      "WHERE is the share that is not in GPU memory: anything but 100 % GPU is several times "
      "slower.");
  return app;
}

int RunningModelsCommand::Run(Session& session) {
  const FailedAction action{.what = "list running models"};
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);
  ClientCall call(session, *connection);
  api::ListRunningModelsResponse response;
  const absl::Status status = call.ToStatus(
      api::ModelService::NewStub(connection->channel)
          ->ListRunningModels(call.context(), api::ListRunningModelsRequest(), &response));
  if (!status.ok()) return session.Fail(status, action);
  session.terminal().progress().Hide();
  if (session.options().json) {
    for (const api::RunningModel& model : response.models()) {
      session.PrintDocument(ToDocument(model));
    }
  } else if (response.models().empty()) {
    session.Warn("no model is in memory; the first request loads it");
  } else {
    session.terminal().Out(RunningTable(session, response.models()));
  }
  return kExitOk;
}

CLI::App* LoadModelCommand::Declare(CLI::App& models) {
  CLI::App* const app =
      models.add_subcommand("load", "Load a model into memory and wait until it is there");
  app->add_option("MODEL", model_, "Name, as `tessera models` lists it")->required();
  app->add_option_function<std::string>(
         "--keep-alive",
         [this](const std::string& given) {
           const auto keep_alive = ParseTimeout(given);
           if (!keep_alive.ok()) {
             throw CLI::ValidationError("--keep-alive must be a duration of at most 24h");
           }
           keep_alive_ = *keep_alive;
         },
         "How long it stays after its last use; the server has a default")
      ->type_name("DURATION");
  app->add_option("--num-ctx", context_tokens_,
                  "Tokens of context, for measuring: requests without it load the model anew");
  app->footer(
      "Examples:\n"
      "  tessera models load qwen3-vl:4b\n"
      "  tessera models load qwen3-vl:4b --keep-alive 12h");
  return app;
}

int LoadModelCommand::Run(Session& session) {
  const FailedAction action{.what = "load " + model_};
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);
  session.terminal().progress().Show("loading " + model_);
  ClientCall call(session, *connection, session.TimeoutOr(kLongestLoad));
  api::LoadModelRequest request;
  request.set_model(model_);
  request.set_context_tokens(context_tokens_);
  if (keep_alive_ > absl::ZeroDuration()) *request.mutable_keep_alive() = ToProto(keep_alive_);
  api::LoadModelResponse response;
  const absl::Status status = call.ToStatus(api::ModelService::NewStub(connection->channel)
                                                ->LoadModel(call.context(), request, &response));
  if (!status.ok()) return session.Fail(status, action);
  session.terminal().progress().Hide();
  if (session.options().json) {
    session.PrintDocument(ToDocument(response));
    return kExitOk;
  }
  google::protobuf::RepeatedPtrField<api::RunningModel> models;
  *models.Add() = response.model();
  session.terminal().Out(RunningTable(session, models));
  session.terminal().Err(
      fmt::format("loaded in {}\n", DurationText(FromProto(response.load_time()))));
  return kExitOk;
}

CLI::App* UnloadModelCommand::Declare(CLI::App& models) {
  CLI::App* const app = models.add_subcommand("unload", "Take a model out of memory");
  app->add_option("MODEL", model_, "Name, as `tessera models running` lists it")->required();
  return app;
}

int UnloadModelCommand::Run(Session& session) {
  const FailedAction action{.what = "unload " + model_};
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);
  ClientCall call(session, *connection);
  api::UnloadModelRequest request;
  request.set_model(model_);
  api::UnloadModelResponse response;
  const absl::Status status = call.ToStatus(api::ModelService::NewStub(connection->channel)
                                                ->UnloadModel(call.context(), request, &response));
  if (!status.ok()) return session.Fail(status, action);
  session.terminal().progress().Hide();
  if (session.options().json) session.PrintDocument({{"unloaded", model_}});
  return kExitOk;
}

}  // namespace tessera::cli
