// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/classify_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/answer_choices.h"
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
    "  tessera classify mail.png --labels invoice,reminder,other \\\n"
    "      --describe \"reminder=asks for a payment that is late\"\n"
    "  tessera classify photo.jpg --labels beach,people,dog,car --several 3 --or-none\n"
    "  tessera classify *.jpg --labels cat,dog --json | jq -r .label\n"
    "\n"
    "Prints one line per picture: name, label, confidence (\"-\" where the engine reports none).\n"
    "In a pipe the columns are parted by tabs and the confidence is a number from 0 to 1. With\n"
    "--several each label that fits has a line of its own; no label is \"-\" in a pipe, \"none\" "
    "on a\n"
    "terminal. The same question is asked once: answers are kept (--cache off asks anew).\n"
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
  app->add_option("--describe", descriptions_given_,
                  "What a label means, for the model; once for each label that needs it")
      ->type_name("LABEL=TEXT")
      ->allow_extra_args(false);
  app->add_option("--several", several_, "Most labels that may fit at once, up to 16; default: 1");
  app->add_flag("--or-none", or_none_, "No label may fit, too");
  AddCacheOption(*app, cache_);
  app->add_flag("--together", together_, "All pictures in one request, one label for them all");
  app->footer(kExamples);
  return app;
}

absl::Status ClassifyCommand::Check() {
  for (const std::string& list : label_lists_) {
    TESSERA_RETURN_IF_ERROR(CheckUtf8("--labels", list));
    for (std::string& label : SplitLabels(list)) labels_.push_back(std::move(label));
  }
  TESSERA_RETURN_IF_ERROR(CheckDescriptions());
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

absl::Status ClassifyCommand::CheckDescriptions() {
  if (descriptions_given_.empty()) return absl::OkStatus();
  descriptions_.resize(labels_.size());
  for (const std::string& given : descriptions_given_) {
    TESSERA_RETURN_IF_ERROR(CheckUtf8("--describe", given));
    const size_t equals = given.find('=');
    const auto label = std::find(labels_.begin(), labels_.end(), given.substr(0, equals));
    if (equals == std::string::npos || label == labels_.end()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                       fmt::format("--describe {}: must be one of the labels, '=', and what it "
                                   "means",
                                   given));
    }
    descriptions_[label - labels_.begin()] = given.substr(equals + 1);
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
  for (const std::string& text : descriptions_) request.add_label_descriptions(text);
  if (several_) request.set_max_labels(*several_);
  request.set_allow_none(or_none_);
  request.set_cache_policy(cache_);
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
  struct Line {
    std::string label;
    std::optional<double> confidence;
  };
  std::vector<Line> lines;
  const auto line = [&](const auto& scored) {
    Line made{.label = SafeWord(scored.label()), .confidence = std::nullopt};
    if (scored.has_confidence()) made.confidence = scored.confidence();
    lines.push_back(std::move(made));
  };
  // A server that knows one label only does not fill in the list.
  for (const api::LabelScore& score : response.labels()) line(score);
  if (lines.empty()) line(response);
  for (const auto& [label, confidence] : lines) {
    if (!terminal.out_is_terminal()) {
      terminal.Out(fmt::format("{}\t{}\t{}\n", safe_name, label.empty() ? "-" : label,
                               confidence ? fmt::format("{:.4f}", *confidence) : "-"));
      continue;
    }
    const Pen& pen = terminal.out_pen();
    terminal.Out(fmt::format("{:<{}}  {}  {}\n", safe_name, name_width_,
                             label.empty() ? pen(Ink::kDim, "none") : pen(Ink::kGreen, label),
                             pen(Ink::kDim, ConfidenceText(confidence))));
  }
}

}  // namespace tessera::cli
