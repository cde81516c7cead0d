// SPDX-License-Identifier: Apache-2.0
#include "cli/models/pull_command.h"

#include <tessera/model/v1/model_service.grpc.pb.h>

#include <CLI/CLI.hpp>

#include "cli/client_call.h"
#include "cli/models/transfer_display.h"

namespace tessera::cli {
namespace {

namespace api = model::v1;

constexpr absl::Duration kLongestPull = absl::Hours(24);

}  // namespace

CLI::App* PullModelCommand::Declare(CLI::App& models) {
  CLI::App* const app = models.add_subcommand("pull", "Have the engine fetch models");
  app->add_option("MODEL", models_, "Names, as the engine's registry has them")->required();
  app->footer(
      "Examples:\n"
      "  tessera models pull qwen3-vl:4b\n"
      "  tessera models pull llama3.2:3b-instruct-q8_0 llama3.2:3b-instruct-fp16\n"
      "\n"
      "Ctrl-C, or a line that breaks, leaves what was fetched: the same command goes on from "
      "there.\n"
      "There is no time limit but --timeout.");
  return app;
}

int PullModelCommand::Run(Session& session) {
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), {.what = "pull models"});
  for (const std::string& model : models_) {
    const absl::Status status = Pull(session, *connection, model);
    if (!status.ok()) {
      const int code = session.Fail(status, {.what = "pull " + model});
      if (session.interrupt().raised() && !session.options().json) {
        session.terminal().Err("what was fetched is kept; the same command goes on from there\n");
      }
      return code;
    }
    session.terminal().progress().Hide();
    if (session.options().json) {
      session.PrintDocument({{"pulled", model}});
    } else {
      session.terminal().Out("pulled " + model + "\n");
    }
  }
  return kExitOk;
}

absl::Status PullModelCommand::Pull(Session& session, const Connection& connection,
                                    const std::string& model) {
  session.terminal().progress().Show("pulling " + model);
  TransferDisplay display(session);
  ClientCall call(session, connection, session.TimeoutOr(kLongestPull));
  api::PullModelRequest request;
  request.set_model(model);
  const auto stub = api::ModelService::NewStub(connection.channel);
  const auto stream = stub->PullModel(call.context(), request);
  api::PullModelResponse response;
  while (stream->Read(&response)) display.Show(response.progress());
  return call.ToStatus(stream->Finish());
}

}  // namespace tessera::cli
