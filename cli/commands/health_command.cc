// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/health_command.h"

#include <fmt/format.h>
#include <grpc/health/v1/health.grpc.pb.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "absl/time/clock.h"
#include "cli/client_call.h"
#include "cli/terminal/safe_text.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kInferenceService[] = "tessera.inference.v1.InferenceService";
constexpr std::array<const char*, 3> kServices = {"", "tessera.preprocess.v1.PreprocessService",
                                                  kInferenceService};
constexpr absl::Duration kWatchInterval = absl::Seconds(1);

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera health\n"
    "  tessera health --inference-address gpu-host:7001   (asks the GPU host's door as well)\n"
    "  tessera health --watch                             (one line per change, until Ctrl-C)\n"
    "  until tessera health --timeout 2s >/dev/null; do sleep 1; done\n"
    "\n"
    "Asks the front door for itself, for PreprocessService, and for InferenceService, which it\n"
    "reports as SERVING while tessera-inference and its engine answer.\n"
    "Exit codes: 0 all that is offered is SERVING, 5 something is not, 3 nobody answers.";

Ink InkOf(const std::string& status) {
  if (status == "SERVING") return Ink::kGreen;
  return status == "NOT_OFFERED" ? Ink::kDim : Ink::kRed;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace

CLI::App* HealthCommand::Declare(CLI::App& program) {
  CLI::App* const app = program.add_subcommand("health", "Ask the services whether they serve");
  app->add_flag("--watch", watch_, "Print every change until Ctrl-C");
  app->footer(kExamples);
  return app;
}

int HealthCommand::Run(Session& session) { return watch_ ? Watch(session) : RunOnce(session); }

std::vector<std::string> HealthCommand::Addresses(Session& session) const {
  std::vector<std::string> addresses = {session.options().address};
  if (!session.options().inference_address.empty()) {
    addresses.push_back(session.options().inference_address);
  }
  return addresses;
}

int HealthCommand::RunOnce(Session& session) {
  int code = kExitOk;
  for (const std::string& address : Addresses(session)) {
    const auto states = Ask(session, address);
    session.terminal().progress().Hide();
    if (!states.ok()) {
      const int failure = session.Fail(states.status(), {.what = "health of " + address});
      if (session.interrupt().raised()) return failure;
      if (code == kExitOk) code = failure;
      continue;
    }
    bool all_serve = true;
    for (const State& state : *states) {
      Print(session, state, "");
      all_serve = all_serve && (state.status == "SERVING" || state.status == "NOT_OFFERED");
    }
    if (!all_serve && code == kExitOk) code = kExitNotServing;
  }
  return code;
}

int HealthCommand::Watch(Session& session) {
  std::vector<State> known;
  while (session.terminal().output_status().ok()) {
    std::vector<State> seen;
    for (const std::string& address : Addresses(session)) {
      const auto states = Ask(session, address);
      if (session.interrupt().raised()) return session.Fail(states.status(), {});
      if (states.ok()) {
        seen.insert(seen.end(), states->begin(), states->end());
      } else {
        seen.push_back({.address = address, .status = "UNREACHABLE"});
      }
    }
    for (const State& state : seen) {
      if (std::find(known.begin(), known.end(), state) == known.end()) {
        Print(session, state, TimeText(absl::Now()));
      }
    }
    known = std::move(seen);
    session.terminal().progress().Show("watching, Ctrl-C ends");
    absl::SleepFor(kWatchInterval);
  }
  return kExitFile;
}

absl::StatusOr<std::vector<HealthCommand::State>> HealthCommand::Ask(
    Session& session, const std::string& address) const {
  TESSERA_ASSIGN_OR_RETURN(const Connection connection, session.Connect(address));
  std::vector<State> states;
  for (const char* const service : kServices) {
    TESSERA_ASSIGN_OR_RETURN(State state, AskOne(session, connection, service));
    states.push_back(std::move(state));
  }
  return states;
}

absl::StatusOr<HealthCommand::State> HealthCommand::AskOne(Session& session,
                                                           const Connection& connection,
                                                           const std::string& service) const {
  ClientCall call(session, connection);
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  const grpc::Status status =
      Health::NewStub(connection.channel)->Check(call.context(), request, &response);
  State state{.address = connection.address, .service = service};
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    state.status = "NOT_OFFERED";
    return state;
  }
  if (!status.ok()) return call.ToStatus(status);
  state.status = HealthCheckResponse::ServingStatus_Name(response.status());
  return state;
}

void HealthCommand::Print(Session& session, const State& state, const std::string& time) const {
  Terminal& terminal = session.terminal();
  if (session.options().json) {
    nlohmann::ordered_json document;
    if (!time.empty()) document["time"] = time;
    document.update(
        {{"address", state.address}, {"service", state.service}, {"status", state.status}});
    session.PrintDocument(document);
    return;
  }
  const std::string service = state.service.empty() ? "server" : state.service;
  const std::string safe_address = SafeWord(state.address);
  if (!terminal.out_is_terminal()) {
    terminal.Out(fmt::format("{}{}{}\t{}\t{}\n", time, time.empty() ? "" : "\t", safe_address,
                             service, state.status));
    return;
  }
  const Pen& pen = terminal.out_pen();
  std::string remark;
  if (state.service == kInferenceService && state.status == "NOT_SERVING") {
    remark = "  tessera-inference, or the engine behind it, does not answer";
  }
  terminal.Out(fmt::format("{}{}{}  {:<40}  {}{}\n", pen(Ink::kDim, time), time.empty() ? "" : "  ",
                           safe_address, service, pen(InkOf(state.status), state.status),
                           pen(Ink::kDim, remark)));
}

}  // namespace tessera::cli
