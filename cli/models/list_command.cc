// SPDX-License-Identifier: Apache-2.0
#include "cli/models/list_command.h"

#include <fmt/format.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <CLI/CLI.hpp>

#include "cli/client_call.h"
#include "cli/json_document.h"
#include "cli/quantities.h"
#include "cli/text_table.h"

namespace tessera::cli {
namespace {

namespace api = model::v1;

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera models list\n"
    "  tessera models list --address gpu-host:7001\n"
    "  tessera models list | awk -F'\\t' '/vision/ {print $1}'\n"
    "  tessera models list --json | jq -r 'select(.loaded).name'\n"
    "\n"
    "Columns: name, family, size on disk, in memory or not, GPU memory, context in tokens, what "
    "it\n"
    "can do. In a pipe they are parted by tabs and there is no header.";

std::string MemoryText(const api::Model& model) {
  if (!model.loaded()) return "-";
  return model.size_vram_bytes() > 0 ? SizeText(model.size_vram_bytes()) : "CPU";
}

}  // namespace

CLI::App* ListModelsCommand::Declare(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("list", "The models that the engine has, and what is loaded");
  app->footer(kExamples);
  return app;
}

int ListModelsCommand::Run(Session& session) {
  const FailedAction action{.what = "list models"};
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);
  session.terminal().progress().Show("waiting for the list");
  ClientCall call(session, *connection);
  api::ListModelsResponse response;
  const absl::Status status =
      call.ToStatus(api::ModelService::NewStub(connection->channel)
                        ->ListModels(call.context(), api::ListModelsRequest(), &response));
  if (!status.ok()) return session.Fail(status, action);
  session.terminal().progress().Hide();
  Print(session, response);
  return kExitOk;
}

void ListModelsCommand::Print(Session& session, const api::ListModelsResponse& response) const {
  if (session.options().json) {
    for (const api::Model& model : response.models()) session.PrintDocument(ToDocument(model));
    return;
  }
  if (response.models().empty()) {
    session.Warn("the engine has no models; `make engine` creates what the services need");
    return;
  }
  TextTable table({"NAME", "FAMILY", "SIZE", "LOADED", "GPU MEMORY", "CONTEXT", "CAPABILITIES"});
  for (const api::Model& model : response.models()) {
    table.Add({model.name(), model.family().empty() ? "-" : model.family(),
               SizeText(model.size_bytes()), model.loaded() ? "yes" : "no", MemoryText(model),
               model.context_tokens() > 0 ? fmt::to_string(model.context_tokens()) : "-",
               model.capabilities().empty()
                   ? "-"
                   : fmt::format("{}", fmt::join(model.capabilities(), ","))});
  }
  Terminal& terminal = session.terminal();
  terminal.Out(terminal.out_is_terminal() ? table.Aligned(terminal.out_pen()) : table.Plain());
}

}  // namespace tessera::cli
