// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_ANSWER_STREAM_H_
#define TESSERA_CLI_ANSWER_STREAM_H_

#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <string>
#include <vector>

#include "cli/answer_output.h"
#include "cli/client_call.h"
#include "cli/picture_file.h"
#include "cli/timing_report.h"

namespace tessera::cli {

// One StreamGenerate call: sends `start` and the pictures, shows the events as they come (text, or
// JSON documents with --json), and says on the progress line what is being waited for. Used once,
// by one thread; everything handed in must outlive it.
class AnswerStream {
 public:
  AnswerStream(Session& session, const Connection& connection,
               const std::vector<PictureFile>& pictures);

  // Runs the call to its end. Also after an error, what had come has been shown.
  absl::Status Run(const inference::v1::GenerateRequest& start);

  // What is known once Run has returned OK.
  CallReport report() const;

 private:
  void Take(const inference::v1::StreamGenerateResponse& event);
  void TakeText(const std::string& text);
  void ShowWaiting();
  // On the progress line, while nothing of the answer has come.
  void ShowPhase(const std::string& what);

  Session& session_;
  const Connection& connection_;
  const std::vector<PictureFile>& pictures_;
  ClientCall call_;
  AnswerOutput output_;
  std::string tools_;  // Lines for behind the answer.
  ClientTimes times_;
  int pieces_ = 0;
  std::vector<inference::v1::ImageSummary> images_;
  inference::v1::Completion completion_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_ANSWER_STREAM_H_
