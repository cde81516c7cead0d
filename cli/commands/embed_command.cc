// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/embed_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

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

constexpr int kShownNumbers = 4;

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera embed \"a red bicycle\" \"a blue car\" --model nomic-embed-text\n"
    "  tessera embed - --model nomic-embed-text < one-text-per-line.txt > vectors.jsonl\n"
    "  tessera embed \"a red bicycle\" --model nomic-embed-text --dimensions 256 --json\n"
    "\n"
    "In a pipe each text becomes one line, a JSON array of numbers; on a terminal the beginning "
    "of\n"
    "its vector is shown. Vectors have unit length, so that their dot product is their likeness.\n"
    "The model must be one that makes vectors: `tessera models show MODEL` lists capabilities.\n"
    "`tessera --help` lists the options that every command takes, and the exit codes.";

}  // namespace

CLI::App* EmbedCommand::Declare(CLI::App& program) {
  CLI::App* const app = program.add_subcommand("embed", "Turn texts into vectors");
  app->add_option("TEXT", texts_,
                  "The texts, at most 512; - reads one per line from standard input")
      ->required();
  app->add_option("--model", model_, "A model that makes vectors")->required();
  app->add_option("--dimensions", dimensions_,
                  "Shorten the vectors to so many numbers, where the model can");
  app->add_flag("--truncate", truncate_, "Cut texts that are longer than the model's context");
  AddCacheOption(*app, cache_);
  app->footer(kExamples);
  return app;
}

absl::StatusOr<api::EmbedRequest> EmbedCommand::MakeRequest() const {
  TESSERA_RETURN_IF_ERROR(CheckUtf8("--model", model_));
  api::EmbedRequest request;
  request.set_model(model_);
  request.set_request_id(MakeRequestId());
  if (dimensions_) request.set_dimensions(*dimensions_);
  request.set_truncate(truncate_);
  request.set_cache_policy(cache_);
  if (std::count(texts_.begin(), texts_.end(), "-") > 1) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     "standard input can be named once only");
  }
  for (const std::string& text : texts_) {
    if (text != "-") {
      TESSERA_RETURN_IF_ERROR(CheckUtf8("TEXT", text));
      request.add_texts(text);
      continue;
    }
    TESSERA_ASSIGN_OR_RETURN(const std::string input, ReadPrompt(text));
    std::istringstream lines(input);
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty()) request.add_texts(std::move(line));
    }
  }
  return request;
}

int EmbedCommand::Run(Session& session) {
  const auto request = MakeRequest();
  if (!request.ok()) return session.Fail(request.status(), {.what = "embed"});
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), {.what = "embed"});
  session.terminal().progress().Show(
      fmt::format("waiting for {}", CountText(request->texts_size(), "vector")));
  ClientCall call(session, *connection);
  api::EmbedResponse response;
  const absl::Status status = call.ToStatus(api::InferenceService::NewStub(connection->channel)
                                                ->Embed(call.context(), *request, &response));
  const ClientTimes times{.connect = connection->connect_time, .total = call.elapsed()};
  if (!status.ok()) {
    return session.Fail(status, {.what = "embed", .request_id = request->request_id()});
  }
  session.terminal().progress().Hide();
  if (session.options().json) {
    nlohmann::ordered_json document = ToDocument(response);
    document["client"] = ClientDocument(times, response.completion());
    session.PrintDocument(document);
    return kExitOk;
  }
  Print(session, *request, response);
  if (session.wants_timings()) {
    const CallReport report{.client = times, .completion = response.completion()};
    session.terminal().Err(TimingTable(report, session.terminal().err_pen()));
  }
  return kExitOk;
}

void EmbedCommand::Print(Session& session, const api::EmbedRequest& request,
                         const api::EmbedResponse& response) const {
  Terminal& terminal = session.terminal();
  for (int i = 0; i < response.embeddings_size(); ++i) {
    const auto& values = response.embeddings(i).values();
    const bool whole = !terminal.out_is_terminal();
    const auto shown =
        values.begin() + (whole ? values.size() : std::min(values.size(), kShownNumbers));
    std::string line = fmt::format("{}", fmt::join(values.begin(), shown, ","));
    if (whole) {
      terminal.Out(fmt::format("[{}]\n", line));
    } else {
      terminal.Out(fmt::format(
          "{}  {}\n", SafeWord(request.texts(i)),
          terminal.out_pen()(Ink::kDim, fmt::format("{} numbers: {} ...", values.size(), line))));
    }
  }
}

}  // namespace tessera::cli
