// SPDX-License-Identifier: Apache-2.0
#include "cli/models/show_command.h"

#include <fmt/format.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <CLI/CLI.hpp>

#include "cli/client_call.h"
#include "cli/json_document.h"
#include "cli/quantities.h"
#include "cli/terminal/safe_text.h"

namespace tessera::cli {
namespace {

namespace api = model::v1;

std::string Row(std::string_view name, std::string_view value) {
  return fmt::format("{:<18}{}\n", name, SafeWord(value));
}

std::string Count(uint64_t number) { return number == 0 ? "-" : NumberText(number); }

}  // namespace

CLI::App* ShowModelCommand::Declare(CLI::App& models) {
  CLI::App* const app = models.add_subcommand("show", "Everything about one model");
  app->add_option("MODEL", model_, "Name, as `tessera models` lists it")->required();
  app->add_flag("--modelfile", modelfile_, "Only its Modelfile, to begin another from");
  app->footer(
      "Examples:\n"
      "  tessera models show qwen3-vl:4b\n"
      "  tessera models show qwen3-vl:4b --modelfile > Modelfile\n"
      "  tessera models show qwen3-vl:4b --json | jq .architecture");
  return app;
}

int ShowModelCommand::Run(Session& session) {
  const FailedAction action{.what = "show " + model_};
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);
  ClientCall call(session, *connection);
  api::ShowModelRequest request;
  request.set_model(model_);
  api::ShowModelResponse shown;
  const absl::Status status = call.ToStatus(
      api::ModelService::NewStub(connection->channel)->ShowModel(call.context(), request, &shown));
  if (!status.ok()) return session.Fail(status, action);
  session.terminal().progress().Hide();
  if (session.options().json) {
    session.PrintDocument(ToDocument(shown));
  } else if (modelfile_) {
    session.terminal().Out(SafeParagraph(shown.modelfile()));
  } else {
    Print(session, shown);
  }
  return kExitOk;
}

void ShowModelCommand::Print(Session& session, const api::ShowModelResponse& shown) const {
  const api::Architecture& architecture = shown.architecture();
  std::string text;
  text += Row("model", model_);
  text += Row("architecture", architecture.name());
  text += Row("parameters",
              fmt::format("{} ({})", shown.parameter_size(), Count(shown.parameter_count())));
  text += Row("weights",
              fmt::format("{} text, {} vision, {}", SizeText(architecture.text_weight_bytes()),
                          SizeText(architecture.vision_weight_bytes()), shown.quantization()));
  text += Row("trained context", Count(architecture.trained_context_tokens()) + " tokens");
  text += Row("layers", Count(architecture.layers()));
  text +=
      Row("heads", fmt::format("{} ({} for keys and values, {} numbers each)", architecture.heads(),
                               architecture.kv_heads(), architecture.key_length()));
  text += Row("capabilities", fmt::format("{}", fmt::join(shown.capabilities(), ", ")));
  for (const api::ModelParameter& parameter : shown.parameters()) {
    text += Row("PARAMETER", parameter.name() + " " + parameter.value());
  }
  if (!shown.system().empty()) text += Row("SYSTEM", shown.system());
  session.terminal().Out(text);
}

}  // namespace tessera::cli
