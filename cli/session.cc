// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "cli/call_error.h"
#include "cli/json_document.h"
#include "cli/quantities.h"
#include "cli/terminal/safe_text.h"
#include "common/rpc/client_channel.h"
#include "common/status/error.h"

namespace tessera::cli {
namespace {
constexpr absl::Duration kLongestConnect = absl::Seconds(10);
}

absl::StatusOr<Connection> Session::Connect(const std::string& address) {
  terminal_.progress().Show(fmt::format("connecting to {}", address));
  const absl::Time started = absl::Now();
  const absl::Duration longest = std::min(options_.timeout, kLongestConnect);
  auto channel = MakeClientChannel(address);
  grpc_connectivity_state state = channel->GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
    if (!channel->WaitForStateChange(state, absl::ToChronoTime(started + longest))) {
      return MakeError(absl::StatusCode::kUnavailable, "SERVER_UNREACHABLE",
                       fmt::format("nobody answers at {}: no connection within {}", address,
                                   DurationText(longest)),
                       {.metadata = {{"address", address}}});
    }
    state = channel->GetState(/*try_to_connect=*/true);
  }
  return Connection{
      .channel = std::move(channel), .address = address, .connect_time = absl::Now() - started};
}

void Session::PrintDocument(const nlohmann::ordered_json& document) {
  terminal_.Out(OneLine(document, terminal_.out_is_terminal()) + "\n");
}

void Session::Warn(std::string_view text) {
  if (options_.json) {
    terminal_.Err(OneLine({{"warning", text}}, /*ascii=*/true) + "\n");
  } else {
    terminal_.Err(
        fmt::format("{} {}\n", terminal_.err_pen()(Ink::kYellow, "warning:"), SafeWord(text)));
  }
}

int Session::Fail(const absl::Status& error, const FailedAction& action) {
  terminal_.progress().Hide();
  if (interrupt_.raised()) {
    if (!options_.json) terminal_.Err("cancelled\n");
    return interrupt_.exit_code();
  }
  if (options_.json) {
    terminal_.Err(OneLine(ErrorDocument(error, action), /*ascii=*/true) + "\n");
  } else {
    terminal_.Err(ErrorBlock(error, action, terminal_.err_pen(), options_.verbose));
  }
  return ExitCodeFor(error);
}

}  // namespace tessera::cli
