// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/batch_command.h"

#include <fmt/format.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "cli/batch_items.h"
#include "cli/client_call.h"
#include "cli/json_document.h"
#include "cli/local_file.h"
#include "cli/quantities.h"
#include "common/rpc/grpc_status.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;

using Stream = grpc::ClientReaderWriter<api::BatchRequest, api::BatchResponse>;

constexpr size_t kMaxFileBytes = size_t{256} << 20;

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera batch items.jsonl > results.jsonl\n"
    "  ls *.jpg | jq -R -c '{id: ., pictures: [.], classify: {labels: [\"cat\", \"dog\"]}}' \\\n"
    "    | tessera batch - | jq -r '[.id, .classify.label] | @tsv'\n"
    "\n"
    "FILE has one JSON document a line:\n"
    "  {\"id\": \"a\", \"prompt\": \"Why is the sky blue?\"}\n"
    "  {\"id\": \"b\", \"prompt\": \"What is it?\", \"pictures\": [\"b.jpg\"], \"generate\": "
    "{\"model\": \"qwen3-vl:4b\"}}\n"
    "  {\"id\": \"c\", \"pictures\": [\"c.png\"], \"classify\": {\"labels\": [\"invoice\", "
    "\"letter\"]}}\n"
    "  {\"id\": \"d\", \"embed\": {\"model\": \"nomic-embed-text\", \"texts\": [\"a red "
    "bicycle\"]}}\n"
    "`generate`, `classify` and `embed` hold a request of the API in its JSON form. An item "
    "without\n"
    "an id is called by its line. Results are JSON documents, one a line, in the order in which "
    "they\n"
    "are ready; an item that failed has `error`. The exit code is 1 when an item failed. Items go\n"
    "behind everybody's interactive requests unless they set \"priority\": "
    "\"PRIORITY_INTERACTIVE\".\n"
    "`tessera --help` lists the options that every command takes, and the exit codes.";

// What a caller may have unanswered, and has. Shared by the thread that sends and the one that
// reads.
class Window {
 public:
  explicit Window(const api::BatchWindow& limits) : limits_(limits) {}

  // Waits until `bytes` more may be sent; false when the stream is over.
  bool Enter(const std::string& id, size_t bytes) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return over_ || (unanswered_.size() < limits_.max_items() && !unanswered_.contains(id) &&
                       (unanswered_.empty() || bytes_ + bytes <= limits_.max_bytes()));
    });
    if (over_) return false;
    unanswered_[id] = bytes;
    bytes_ += bytes;
    return true;
  }

  void Leave(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = unanswered_.find(id);
    if (found == unanswered_.end()) return;
    bytes_ -= found->second;
    unanswered_.erase(found);
    changed_.notify_all();
  }

  void End() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }

 private:
  const api::BatchWindow limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, size_t> unanswered_;
  uint64_t bytes_ = 0;
  bool over_ = false;
};

// Sends the items as the window allows, then closes. The first file that cannot be read ends it.
absl::Status SendItems(std::vector<BatchItem> items, Window& window, Stream& stream) {
  for (BatchItem& item : items) {
    TESSERA_ASSIGN_OR_RETURN(const api::BatchRequest request, LoadPictures(std::move(item)));
    if (!window.Enter(request.id(), request.ByteSizeLong())) return absl::OkStatus();
    if (!stream.Write(request)) return absl::OkStatus();
  }
  stream.WritesDone();
  return absl::OkStatus();
}

}  // namespace

CLI::App* BatchCommand::Declare(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("batch", "Run many requests of a file over one stream");
  app->add_option("FILE", path_, "Items, one JSON document a line; - is standard input")
      ->required();
  app->footer(kExamples);
  return app;
}

int BatchCommand::Run(Session& session) {
  const FailedAction action{.what = "batch"};
  const auto text = ReadFile(path_, kMaxFileBytes);
  if (!text.ok()) return session.Fail(text.status(), action);
  auto items = ParseBatchItems(*text);
  if (!items.ok()) return session.Fail(items.status(), action);
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);

  const size_t count = items->size();
  // Each item has its own limit on the server; a batch takes as long as it takes.
  ClientCall call(session, *connection, session.TimeoutOr(absl::Hours(24)));
  const auto stub = api::InferenceService::NewStub(connection->channel);
  const auto stream = stub->Batch(call.context());
  api::BatchResponse response;
  size_t answered = 0, failed = 0;
  absl::Status sent;
  if (stream->Read(&response)) {
    Window window(response.window());
    std::thread sender([&] {
      sent = SendItems(*std::move(items), window, *stream);
      if (!sent.ok()) call.context()->TryCancel();
    });
    while (stream->Read(&response)) {
      window.Leave(response.id());
      ++answered;
      if (response.has_error()) ++failed;
      session.PrintDocument(ToDocument(response));
      session.terminal().progress().Show(
          fmt::format("{} of {} answered, {} failed", answered, count, failed));
      if (!session.terminal().output_status().ok()) call.context()->TryCancel();
    }
    window.End();
    sender.join();
  }
  const absl::Status end = call.ToStatus(stream->Finish());
  session.terminal().progress().Hide();
  if (!session.terminal().output_status().ok()) {
    return session.Fail(session.terminal().output_status(), action);
  }
  if (!sent.ok()) return session.Fail(sent, action);
  if (!end.ok()) return session.Fail(end, action);
  if (failed > 0) {
    session.Warn(fmt::format("{} of {} failed; each has `error` in its result",
                             CountText(failed, "item"), count));
    return kExitFailed;
  }
  return kExitOk;
}

}  // namespace tessera::cli
