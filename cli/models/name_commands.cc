// SPDX-License-Identifier: Apache-2.0
#include "cli/models/name_commands.h"

#include <fmt/format.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <CLI/CLI.hpp>

#include "cli/client_call.h"
#include "cli/terminal/safe_text.h"

namespace tessera::cli {

namespace api = model::v1;

CLI::App* CopyModelCommand::Declare(CLI::App& models) {
  CLI::App* const app =
      models.add_subcommand("copy", "Give a model a second name; weights are shared");
  app->add_option("SOURCE", source_, "The model")->required();
  app->add_option("DESTINATION", destination_, "Its further name")->required();
  app->footer(
      "Example: keep what serves now under a name, before a new one takes its place\n"
      "  tessera models copy support-bot support-bot:before");
  return app;
}

int CopyModelCommand::Run(Session& session) {
  const FailedAction action{.what = "copy " + source_ + " to " + destination_};
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);
  ClientCall call(session, *connection);
  api::CopyModelRequest request;
  request.set_source(source_);
  request.set_destination(destination_);
  api::CopyModelResponse response;
  const absl::Status status = call.ToStatus(api::ModelService::NewStub(connection->channel)
                                                ->CopyModel(call.context(), request, &response));
  if (!status.ok()) return session.Fail(status, action);
  session.terminal().progress().Hide();
  if (session.options().json) {
    session.PrintDocument({{"source", source_}, {"destination", destination_}});
  } else {
    session.terminal().Out(fmt::format("copied {} to {}: a second name for the same weights\n",
                                       SafeWord(source_), SafeWord(destination_)));
  }
  return kExitOk;
}

CLI::App* DeleteModelCommand::Declare(CLI::App& models) {
  CLI::App* const app =
      models.add_subcommand("delete", "Remove models, and weights that no other name shares");
  app->add_option("MODEL", models_, "Names, as `tessera models` lists them")->required();
  return app;
}

int DeleteModelCommand::Run(Session& session) {
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), {.what = "delete models"});
  for (const std::string& model : models_) {
    ClientCall call(session, *connection);
    api::DeleteModelRequest request;
    request.set_model(model);
    api::DeleteModelResponse response;
    const absl::Status status =
        call.ToStatus(api::ModelService::NewStub(connection->channel)
                          ->DeleteModel(call.context(), request, &response));
    if (!status.ok()) return session.Fail(status, {.what = "delete " + model});
    session.terminal().progress().Hide();
    if (session.options().json) {
      session.PrintDocument({{"deleted", model}});
    } else {
      session.terminal().Out("deleted " + model + "\n");
    }
  }
  return kExitOk;
}

}  // namespace tessera::cli
