// SPDX-License-Identifier: Apache-2.0
#include "cli/models/create_command.h"

#include <fmt/format.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <utility>

#include "cli/client_call.h"
#include "cli/local_file.h"
#include "cli/models/blob_upload.h"
#include "cli/models/model_files.h"
#include "cli/models/modelfile.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace api = model::v1;

constexpr absl::Duration kLongestCreate = absl::Hours(24);
constexpr size_t kMaxModelfileBytes = 1 << 20;
const std::vector<std::string> kQuantisations = {"q8_0", "q4_K_M", "q4_K_S", "f16", "f32"};

// Has the engine make it, and shows how far it is.
absl::Status CreateOnEngine(Session& session, const Connection& connection,
                            TransferDisplay& display, const api::CreateModelRequest& request) {
  ClientCall call(session, connection, session.TimeoutOr(kLongestCreate));
  const auto stub = api::ModelService::NewStub(connection.channel);
  const auto stream = stub->CreateModel(call.context(), request);
  api::CreateModelResponse response;
  while (stream->Read(&response)) display.Show(response.progress());
  return call.ToStatus(stream->Finish());
}

void ShowCreated(Session& session, const std::string& name) {
  session.terminal().progress().Hide();
  if (session.options().json) {
    session.PrintDocument({{"created", name}});
  } else {
    session.terminal().Out("created " + name + "\n");
  }
}

absl::Status WrongArgument(std::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID", message);
}

}  // namespace

CLI::App* CreateModelCommand::Declare(CLI::App& models) {
  CLI::App* const app =
      models.add_subcommand("create", "Make a model from a Modelfile, GGUF or safetensors");
  app->add_option("NAME", name_, "Name of the new model")->required();
  app->add_option("-f,--file", modelfile_path_, "A Modelfile; ./Modelfile when there is no --from");
  app->add_option("--from", from_, "Instead: a model, a .gguf file or a folder of safetensors");
  app->add_option("--quantise,--quantize", quantise_,
                  "Quantise F16, BF16 or F32 weights: q8_0, q4_K_M, q4_K_S")
      ->check(CLI::IsMember(kQuantisations, CLI::ignore_case));
  app->footer(
      "Examples:\n"
      "  tessera models create support-bot -f support-bot/Modelfile\n"
      "  tessera models create tiny --from ./tiny-f16.gguf --quantise q8_0\n"
      "  tessera models create mine --from ./folder-of-safetensors\n"
      "\n"
      "Files are read here and uploaded; what the engine has already is not sent again. Run the\n"
      "same command after an interruption: whole files that went through are kept.");
  return app;
}

int CreateModelCommand::Run(Session& session) {
  if (const absl::Status status = Create(session); !status.ok()) {
    return session.Fail(status, {.what = "create " + name_});
  }
  ShowCreated(session, name_);
  return kExitOk;
}

absl::Status CreateModelCommand::Create(Session& session) {
  TESSERA_ASSIGN_OR_RETURN(api::CreateModelRequest request, MakeRequest(session));
  TESSERA_ASSIGN_OR_RETURN(const Connection connection, session.Connect(session.options().address));
  TransferDisplay display(session);
  TESSERA_RETURN_IF_ERROR(
      AddFiles(session, connection, display, sources_, request.mutable_files()));
  TESSERA_RETURN_IF_ERROR(
      AddFiles(session, connection, display, adapters_, request.mutable_adapters()));
  return CreateOnEngine(session, connection, display, request);
}

absl::StatusOr<api::CreateModelRequest> CreateModelCommand::MakeRequest(Session& session) {
  Modelfile file;
  if (!from_.empty()) {
    if (!modelfile_path_.empty()) return WrongArgument("give either --file or --from");
    file.from = {from_};
  } else {
    const std::string path = modelfile_path_.empty() ? "Modelfile" : modelfile_path_;
    TESSERA_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxModelfileBytes));
    TESSERA_ASSIGN_OR_RETURN(file, ParseModelfile(text));
    const std::string folder = std::filesystem::path(path).parent_path().string();
    if (!folder.empty()) base_folder_ = folder;
  }
  for (const std::string& ignored : file.ignored) {
    session.Warn(fmt::format("\"{}\" has no effect here", ignored));
  }
  api::CreateModelRequest request;
  request.set_model(name_);
  for (std::string& from : file.from) {
    if (IsLocalSource(from, base_folder_)) {
      sources_.push_back(std::move(from));
    } else if (file.from.size() == 1) {
      request.set_from(std::move(from));
    } else {
      return WrongArgument(
          fmt::format("FROM {} names no file, and there is more than one FROM", from));
    }
  }
  adapters_ = file.adapters;
  for (auto& [name, value] : file.parameters) {
    api::ModelParameter* const parameter = request.add_parameters();
    parameter->set_name(std::move(name));
    parameter->set_value(std::move(value));
  }
  for (auto& [role, text] : file.messages) {
    api::ExampleMessage* const message = request.add_messages();
    message->set_role(std::move(role));
    message->set_text(std::move(text));
  }
  request.set_template_(file.template_text);
  request.set_system(file.system);
  request.mutable_licenses()->Assign(file.licenses.begin(), file.licenses.end());
  request.set_renderer(file.renderer);
  request.set_parser(file.parser);
  request.set_quantize(quantise_);
  return request;
}

absl::Status CreateModelCommand::AddFiles(
    Session& session, const Connection& connection, TransferDisplay& display,
    const std::vector<std::string>& sources,
    google::protobuf::RepeatedPtrField<api::ModelFile>* files) {
  std::vector<LocalModelFile> found;
  for (const std::string& source : sources) {
    TESSERA_ASSIGN_OR_RETURN(std::vector<LocalModelFile> more,
                             FindModelFiles(source, base_folder_));
    found.insert(found.end(), more.begin(), more.end());
  }
  if (found.empty()) return absl::OkStatus();
  TESSERA_RETURN_IF_ERROR(UploadModelFiles(session, connection, display, found));
  for (const LocalModelFile& file : found) {
    api::ModelFile* const uploaded = files->Add();
    uploaded->set_name(file.name);
    uploaded->set_digest(file.digest);
  }
  return absl::OkStatus();
}

CLI::App* QuantiseModelCommand::Declare(CLI::App& models) {
  CLI::App* const app =
      models.add_subcommand("quantise", "Make a smaller edition of a 16- or 32-bit model");
  app->alias("quantize");
  app->add_option("SOURCE", source_, "A model with F16, BF16 or F32 weights")->required();
  app->add_option("NAME", name_, "Name of the new model")->required();
  app->add_option("--type", type_, "q8_0: 8.5 bits a weight; q4_K_M: about 4.8; q4_K_S: about 4.6")
      ->required()
      ->check(CLI::IsMember(kQuantisations, CLI::ignore_case));
  app->footer(
      "Examples:\n"
      "  tessera models quantise llama3.2:3b-instruct-fp16 llama3.2:q8 --type q8_0\n"
      "  tessera models quantise llama3.2:3b-instruct-fp16 llama3.2:q4 --type q4_K_M\n"
      "  tessera bench compare llama3.2:q8 llama3.2:q4\n"
      "\n"
      "Weights that are quantised already (Q8_0, Q4_K_M ...) are refused: their rounding cannot "
      "be\n"
      "undone, and would be added to the next one's. Both editions above begin at F16.");
  return app;
}

int QuantiseModelCommand::Run(Session& session) {
  const FailedAction action{.what = "quantise " + source_};
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);
  session.terminal().progress().Show("quantising " + source_);
  TransferDisplay display(session);
  api::CreateModelRequest request;
  request.set_model(name_);
  request.set_from(source_);
  request.set_quantize(type_);
  const absl::Status status = CreateOnEngine(session, *connection, display, request);
  if (!status.ok()) return session.Fail(status, action);
  ShowCreated(session, name_);
  return kExitOk;
}

}  // namespace tessera::cli
