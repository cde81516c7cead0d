// SPDX-License-Identifier: Apache-2.0
#include "cli/answer_stream.h"

#include <fmt/format.h>

#include "absl/time/clock.h"
#include "cli/json_document.h"
#include "cli/picture_upload.h"
#include "cli/quantities.h"
#include "cli/terminal/safe_text.h"
#include "cli/tool_list.h"

namespace tessera::cli {

namespace api = inference::v1;

AnswerStream::AnswerStream(Session& session, const Connection& connection,
                           const std::vector<PictureFile>& pictures)
    : session_(session),
      connection_(connection),
      pictures_(pictures),
      call_(session, connection),
      output_(session.terminal()) {
  times_.connect = connection.connect_time;
}

absl::Status AnswerStream::Run(const api::GenerateRequest& start) {
  auto stub = api::InferenceService::NewStub(connection_.channel);
  auto stream = stub->StreamGenerate(call_.context());
  api::StreamGenerateRequest first;
  *first.mutable_start() = start;
  const auto show_upload = [this](uint64_t sent, uint64_t total) {
    session_.terminal().progress().Show(
        fmt::format("uploading {} of {}", SizeText(sent), SizeText(total)));
  };
  if (stream->Write(first) && UploadPictures(*stream, pictures_, show_upload)) {
    if (!pictures_.empty()) times_.upload = call_.elapsed();
    stream->WritesDone();
  }
  ShowWaiting();
  for (api::StreamGenerateResponse event; stream->Read(&event);) {
    Take(event);
    // Nobody reads any more: the engine need not go on.
    if (!session_.terminal().output_status().ok()) call_.context()->TryCancel();
  }
  const absl::Status status = call_.ToStatus(stream->Finish());
  times_.total = call_.elapsed();
  session_.terminal().progress().Hide();
  output_.End();
  session_.terminal().Out(tools_);
  return session_.terminal().output_status().ok() ? status : session_.terminal().output_status();
}

void AnswerStream::Take(const api::StreamGenerateResponse& event) {
  switch (event.event_case()) {
    case api::StreamGenerateResponse::kImagePrepared:
      images_.push_back(event.image_prepared());
      ShowWaiting();
      break;
    case api::StreamGenerateResponse::kText:
      TakeText(event.text().text());
      break;
    case api::StreamGenerateResponse::kToolCall:
      if (!session_.options().json) tools_ += ToolLine(event.tool_call());
      break;
    case api::StreamGenerateResponse::kQueued:
      ShowPhase(fmt::format("waiting for a slot, {} ahead", event.queued().position()));
      break;
    case api::StreamGenerateResponse::kLoading:
      ShowPhase("the engine loads the model");
      break;
    case api::StreamGenerateResponse::kPrefill:
      ShowPhase("the engine reads the prompt");
      break;
    case api::StreamGenerateResponse::kThinking:
      ShowPhase("the model thinks");
      break;
    case api::StreamGenerateResponse::kRetrying:
      ShowPhase(fmt::format("trying again after {}", SafeWord(event.retrying().reason())));
      break;
    case api::StreamGenerateResponse::kFinished:
      completion_ = event.finished();
      times_.total = call_.elapsed();
      break;
    default:
      break;
  }
  if (!session_.options().json) return;
  nlohmann::ordered_json document = ToDocument(event);
  if (event.has_finished()) document["client"] = ClientDocument(times_, completion_);
  session_.PrintDocument(document);
}

void AnswerStream::TakeText(const std::string& text) {
  times_.last_text = call_.elapsed();
  if (!times_.first_text) times_.first_text = times_.last_text;
  ++pieces_;
  if (session_.options().json) return;
  if (session_.terminal().out_is_terminal()) {
    session_.terminal().progress().Hide();
  } else {
    session_.terminal().progress().Show(
        fmt::format("receiving, {} so far", CountText(pieces_, "piece")));
  }
  output_.Write(text);
}

void AnswerStream::ShowPhase(const std::string& what) {
  if (pieces_ == 0) session_.terminal().progress().Show(what);
}

void AnswerStream::ShowWaiting() {
  if (pieces_ > 0) return;
  session_.terminal().progress().Show(
      images_.size() < pictures_.size()
          ? fmt::format("preparing pictures, {} of {} ready", images_.size(), pictures_.size())
          : "waiting for the first token");
}

CallReport AnswerStream::report() const {
  CallReport report{.client = times_, .completion = completion_};
  for (const auto& image : images_) report.images.push_back(&image);
  for (const PictureFile& picture : pictures_) report.picture_names.push_back(picture.name);
  return report;
}

}  // namespace tessera::cli
