// SPDX-License-Identifier: Apache-2.0
//
// The part of a generation that goes wrong on purpose.
#include <algorithm>

#include "simulator/error_texts.h"
#include "simulator/generation.h"
#include "simulator/json_text.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

using Kind = Fault::Kind;

constexpr std::string_view kGarbageLine = "\x01\x02 this is not JSON }{\n";
constexpr size_t kBigLinePart = size_t{64} * 1024;

}  // namespace

bool Generation::FaultTakesOver() {
  auto& fault = plan_.script.fault;
  if (!fault.has_value() || lines_ < fault->after_lines) {
    return false;
  }
  PlayFault();
  return fault->kind != Kind::kNone;
}

void Generation::PlayFault() {
  Fault& fault = *plan_.script.fault;
  const std::string error_text = fault.text.empty() ? std::string(kRunnerEofText) : fault.text;
  switch (fault.kind) {
    case Kind::kReset:
      exchange_->Reset(/*flushed=*/true);
      return;
    case Kind::kAbort:
      exchange_->CloseAbruptly();
      return;
    case Kind::kClose:
      exchange_->EndStream();
      return;
    case Kind::kRunnerDied:
      ReleaseSlot(/*wedged=*/false);
      simulation_->scheduler->KillRunner(plan_.model);
      [[fallthrough]];
    case Kind::kError:
      if (lines_ == 0) {
        exchange_->ReplyRunnerError(500, error_text);
      } else {
        exchange_->SendLine(Concat("{\"error\":", Quoted(error_text), "}\n"));
        exchange_->EndStream();
      }
      return;
    case Kind::kSilent:
      return;
    case Kind::kWedge:
      wedged_ = true;
      return;
    case Kind::kTruncated: {
      const std::string line =
          RenderLine(plan_.request.is_chat, plan_.request.model, {.text = " cut"}, nullptr);
      exchange_->SendLine(std::string_view(line).substr(0, line.size() / 2));
      exchange_->EndStream();
      return;
    }
    case Kind::kGarbage:
      exchange_->SendLine(kGarbageLine);
      exchange_->EndStream();
      return;
    case Kind::kBigLine:
      big_line_left_ = std::max<uint64_t>(fault.bytes, 1);
      exchange_->SendPartOfLine(Concat("{\"model\":", Quoted(plan_.request.model),
                                       plan_.request.is_chat
                                           ? ",\"message\":{\"role\":\"assistant\",\"content\":\""
                                           : ",\"response\":\""));
      SayBigLine();
      return;
    case Kind::kEndless:
      plan_.answer.endless = true;
      fault.kind = Kind::kNone;
      return;
    default:
      // Played before the generation began.
      fault.kind = Kind::kNone;
      return;
  }
}

void Generation::SayBigLine() {
  static const std::string part(kBigLinePart, 'a');
  while (big_line_left_ > 0) {
    if (exchange_->AboveHighWater()) {
      blocked_ = true;
      return;
    }
    const size_t bytes = std::min<uint64_t>(big_line_left_, part.size());
    exchange_->SendPartOfLine(std::string_view(part).substr(0, bytes));
    big_line_left_ -= bytes;
  }
  exchange_->SendPartOfLine(plan_.request.is_chat ? "\"},\"done\":false}\n"
                                                  : "\",\"done\":false}\n");
  ++lines_;
  plan_.script.fault->kind = Kind::kNone;
  SayPieces();
}

bool Generation::PlayFaultInOnePiece(std::string_view body) {
  const Fault& fault = *plan_.script.fault;
  const auto half = body.substr(0, body.size() / 2);
  switch (fault.kind) {
    case Kind::kReset:
    case Kind::kAbort:
      exchange_->SendRaw(Concat("HTTP/1.1 200 OK\r\nContent-Type: ", kJsonType,
                                "\r\nContent-Length: ", body.size(), "\r\n\r\n", half));
      if (fault.kind == Kind::kReset) {
        exchange_->Reset(/*flushed=*/true);
      } else {
        exchange_->CloseAbruptly();
      }
      return true;
    case Kind::kRunnerDied:
    case Kind::kError:
      lines_ = 0;
      PlayFault();
      return true;
    case Kind::kSilent:
    case Kind::kWedge:
      PlayFault();
      return true;
    case Kind::kTruncated:
      exchange_->ReplyJson(half);
      return true;
    case Kind::kGarbage:
      exchange_->ReplyJson(kGarbageLine);
      return true;
    case Kind::kBigLine: {
      // One body of that size, streamed like the line.
      PlayFault();
      return true;
    }
    default:
      return false;
  }
}

}  // namespace tessera::simulator
