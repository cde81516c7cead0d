// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/classify_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/client_call.h"
#include "cli/json_document.h"
#include "cli/quantities.h"
#include "cli/terminal/safe_text.h"
#include "cli/text_argument.h"
#include "cli/timing_report.h"
#include "common/rpc/request_id.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;

constexpr size_t kWidestName = 48;

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera classify photo.jpg --labels document,photo,chart,shape\n"
    "  tessera classify *.png --labels cat,dog --text \"Which animal is it?\"\n"
    "  tessera classify page1.jpg page2.jpg --together --labels contract,invoice\n"
    "  tessera classify --text \"The parcel never came.\" --labels praise,complaint\n"
    "  tessera classify *.jpg --labels cat,dog --json | jq -r .label\n"
    "\n"
    "Prints one line per picture: name, label, confidence (\"-\" where the engine reports none).\n"
    "In a pipe the columns are parted by tabs and the confidence is a number from 0 to 1.\n"
    "A picture that fails does not stop the others; the exit code is that of the first failure.\n"
    "`tessera --help` lists the options that every command takes, and the exit codes.";

std::string TheRest(size_t count) {
  return count > 1 ? fmt::format(" and {} more", count - 1) : "";
}

}  // namespace

CLI::App* ClassifyCommand::Declare(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("classify", "Choose the label that fits a picture or a text");
  app->add_option("PICTURE", pictures_,
                  "Picture files (JPEG, PNG, WebP, GIF, TIFF, AVIF, HEIC); "
                  "- is standard input");
  app->add_option("--labels,--label", label_lists_,
                  "Labels to choose from, parted by commas; may be given more than once")
      ->required()
      ->type_name("A,B")
      ->allow_extra_args(false);
  app->add_option("--text", text_, "A question about the picture, or the text to classify");
  app->add_option("--model", model_, "Model to ask; the server has a default");
  app->add_flag("--together", together_, "All pictures in one request, one label for them all");
  app->footer(kExamples);
  return app;
}

absl::Status ClassifyCommand::Check() {
  for (const std::string& list : label_lists_) {
    TESSERA_RETURN_IF_ERROR(CheckUtf8("--labels", list));
    for (std::string& label : SplitLabels(list)) labels_.push_back(std::move(label));
  }
  TESSERA_RETURN_IF_ERROR(CheckUtf8("--text", text_));
  TESSERA_RETURN_IF_ERROR(CheckUtf8("--model", model_));
  if (pictures_.empty() && text_.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     "there is nothing to classify: name a picture, or give --text");
  }
  if (std::count(pictures_.begin(), pictures_.end(), "-") > 1) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     "only one picture can come from standard input");
  }
  return absl::OkStatus();
}

int ClassifyCommand::Run(Session& session) {
  if (const absl::Status status = Check(); !status.ok()) {
    return session.Fail(status, {.what = "classify"});
  }
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), {.what = "classify"});
  for (const std::string& path : pictures_) {
    name_width_ = std::max(name_width_, std::min(path.size(), kWidestName));
  }
  return together_ || pictures_.empty() ? RunTogether(session, *connection)
                                        : RunEach(session, *connection);
}

int ClassifyCommand::RunTogether(Session& session, const Connection& connection) {
  const std::string name =
      pictures_.empty() ? "text" : pictures_.front() + TheRest(pictures_.size());
  const auto pictures = ReadPictures(session, pictures_);
  if (!pictures.ok()) return session.Fail(pictures.status(), {.what = "classify " + name});
  return Classify(session, connection, name, *pictures);
}

int ClassifyCommand::RunEach(Session& session, const Connection& connection) {
  int first_failure = kExitOk;
  for (const std::string& path : pictures_) {
    auto picture = ReadPicture(session, path);
    int code = kExitOk;
    if (!picture.ok()) {
      code = session.Fail(picture.status(), {.what = "classify " + path});
    } else {
      std::vector<PictureFile> one;
      one.push_back(*std::move(picture));
      code = Classify(session, connection, path, one);
    }
    if (session.interrupt().raised()) return session.interrupt().exit_code();
    if (first_failure == kExitOk) first_failure = code;
    // Without a server the others would fail in the same way.
    if (code == kExitUnreachable || !session.terminal().output_status().ok()) break;
  }
  return first_failure;
}

int ClassifyCommand::Classify(Session& session, const Connection& connection,
                              const std::string& name, const std::vector<PictureFile>& pictures) {
  api::ClassifyRequest request;
  request.set_model(model_);
  request.set_text(text_);
  request.set_request_id(MakeRequestId());
  for (const std::string& label : labels_) request.add_labels(label);
  for (const PictureFile& picture : pictures) request.add_images()->set_content(picture.content);

  session.terminal().progress().Show(fmt::format("{}: waiting for the answer", name));
  ClientCall call(session, connection);
  api::ClassifyResponse response;
  const absl::Status status = call.ToStatus(api::InferenceService::NewStub(connection.channel)
                                                ->Classify(call.context(), request, &response));
  const ClientTimes times{.connect = connection.connect_time, .total = call.elapsed()};
  if (!status.ok()) {
    return session.Fail(status, {.what = "classify " + name, .request_id = request.request_id()});
  }
  session.terminal().progress().Hide();

  std::vector<std::string> names;
  for (const PictureFile& picture : pictures) names.push_back(picture.name);
  if (session.options().json) {
    nlohmann::ordered_json document = {{"pictures", names}};
    document.update(ToDocument(response));
    document["client"] = ClientDocument(times, response.completion());
    session.PrintDocument(document);
    return kExitOk;
  }
  Print(session, name, response);
  if (session.wants_timings()) {
    CallReport report{.client = times, .completion = response.completion(), .picture_names = names};
    for (const auto& image : response.images()) report.images.push_back(&image);
    session.terminal().Err(TimingTable(report, session.terminal().err_pen()));
  }
  return kExitOk;
}

void ClassifyCommand::Print(Session& session, const std::string& name,
                            const api::ClassifyResponse& response) const {
  Terminal& terminal = session.terminal();
  const std::string safe_name = SafeWord(name);
  const std::string label = SafeWord(response.label());
  if (!terminal.out_is_terminal()) {
    terminal.Out(fmt::format(
        "{}\t{}\t{}\n", safe_name, label,
        response.has_confidence() ? fmt::format("{:.4f}", response.confidence()) : "-"));
    return;
  }
  std::optional<double> confidence;
  if (response.has_confidence()) confidence = response.confidence();
  const Pen& pen = terminal.out_pen();
  terminal.Out(fmt::format("{:<{}}  {}  {}\n", safe_name, name_width_, pen(Ink::kGreen, label),
                           pen(Ink::kDim, ConfidenceText(confidence))));
}

}  // namespace tessera::cli
