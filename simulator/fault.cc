// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault.h"

#include <utility>
#include <vector>

#include "common/status/error.h"
#include "simulator/error_texts.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

using Kind = Fault::Kind;

constexpr uint64_t kDefaultBigLineBytes = 1ull << 30;

constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"status", Kind::kStatus},   {"reset", Kind::kReset},
    {"abort", Kind::kAbort},     {"close", Kind::kClose},
    {"error", Kind::kError},     {"runner_died", Kind::kRunnerDied},
    {"silent", Kind::kSilent},   {"blackhole", Kind::kBlackhole},
    {"wedge", Kind::kWedge},     {"truncated", Kind::kTruncated},
    {"garbage", Kind::kGarbage}, {"html", Kind::kHtml},
    {"bigline", Kind::kBigLine}, {"endless", Kind::kEndless},
};

}  // namespace

absl::StatusOr<Fault> ParseFault(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, ":", 2);
  Fault fault;
  for (const auto& [name, kind] : kKinds) {
    if (name == parts[0]) {
      fault.kind = kind;
    }
  }
  bool ok = fault.kind != Kind::kNone;
  if (fault.kind == Kind::kHtml) {
    fault.status = 502;
  }
  fault.bytes = kDefaultBigLineBytes;
  if (parts.size() > 2) {
    fault.text = parts[2];
  }
  if (parts.size() > 1) {
    const std::string_view argument = parts[1];
    if (fault.kind == Kind::kReset && argument == "head") {
      fault.before_head = true;
    } else if (fault.kind == Kind::kStatus || fault.kind == Kind::kHtml) {
      ok = ok && ParseNumber(argument, &fault.status);
    } else if (fault.kind == Kind::kBigLine) {
      ok = ok && ParseNumber(argument, &fault.bytes);
    } else {
      ok = ok && ParseNumber(argument, &fault.after_lines) && fault.after_lines >= 0;
    }
  }
  if (fault.kind == Kind::kReset && parts.size() == 1) {
    fault.before_head = true;
  }
  if (fault.kind == Kind::kStatus) {
    ok = ok && fault.status >= 400 && fault.status <= 599;
  }
  if (!ok) {
    return InvalidField("fault", Concat("is \"", text,
                                        "\"; use one of status:CODE[:TEXT], reset:head|N, "
                                        "abort:N, close:N, error:N[:TEXT], runner_died:N, "
                                        "silent:N, blackhole, wedge[:N], truncated:N, "
                                        "garbage[:N], html[:CODE], bigline[:BYTES], "
                                        "endless"));
  }
  return fault;
}

std::string_view DefaultErrorText(int status) {
  switch (status) {
    case 400:
      return "unexpected EOF";
    case 404:
      return "model 'nope' not found";
    case 413:
      return "";
    case 503:
      return kBusyText;
    default:
      return kRunnerEofText;
  }
}

}  // namespace tessera::simulator
