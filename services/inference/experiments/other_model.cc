// SPDX-License-Identifier: Apache-2.0
#include "services/inference/experiments/other_model.h"

#include <deque>
#include <memory>
#include <string_view>
#include <utility>

namespace tessera::inference {
namespace {

// Bodies that were encoded for the other model: those of the request carry the first one's name.
struct Encoded {
  std::shared_ptr<const std::string> chat, embed;
};

// Passes requests on under another model's name.
class RenamingEngine : public ModelEngine {
 public:
  RenamingEngine(ModelEngine& engine, std::string_view model, Encoded& encoded)
      : engine_(engine), model_(model), encoded_(encoded) {}

  std::shared_ptr<ChatHandle> Chat(const ChatRequest& request,
                                   std::shared_ptr<ChatObserver> observer) override {
    ChatRequest renamed = request;
    renamed.model = model_;
    renamed.encoded = encoded_.chat;
    auto handle = engine_.Chat(renamed, std::move(observer));
    encoded_.chat = renamed.encoded;
    return handle;
  }

  std::shared_ptr<ChatHandle> Embed(const EmbedRequest& request,
                                    std::shared_ptr<ChatObserver> observer) override {
    EmbedRequest renamed = request;
    renamed.model = model_;
    renamed.encoded = encoded_.embed;
    auto handle = engine_.Embed(renamed, std::move(observer));
    encoded_.embed = renamed.encoded;
    return handle;
  }

 private:
  ModelEngine& engine_;
  const std::string_view model_;
  Encoded& encoded_;
};

// A request that owns what it points to.
struct OwnedRequest {
  std::deque<std::string> texts;  // Never moves what it holds.
  ChatRequest request;

  std::string_view Keep(std::string_view text) { return texts.emplace_back(text); }

  void KeepAll() {
    request.model = Keep(request.model);
    for (ChatMessage& message : request.messages) {
      message.text = Keep(message.text);
      message.thinking = Keep(message.thinking);
      message.tool_name = Keep(message.tool_name);
      for (std::string_view& image : message.images) image = Keep(image);
      for (ChatToolCall& call : message.tool_calls) {
        call = {Keep(call.name), Keep(call.arguments_json), Keep(call.id)};
      }
    }
    for (std::string_view& stop : request.sampling.stop) stop = Keep(stop);
    for (ChatTool& tool : request.tools) {
      tool.name = Keep(tool.name);
      tool.description = Keep(tool.description);
    }
    request.encoded = nullptr;
  }
};

class NoHandle : public ChatHandle {
 public:
  void Cancel() override {}
};

// Sends nothing; keeps what it was asked.
class CapturingEngine : public ModelEngine {
 public:
  std::shared_ptr<ChatHandle> Chat(const ChatRequest& request,
                                   std::shared_ptr<ChatObserver>) override {
    captured = std::make_shared<OwnedRequest>();
    captured->request = request;
    captured->KeepAll();
    return std::make_shared<NoHandle>();
  }
  std::shared_ptr<ChatHandle> Embed(const EmbedRequest&, std::shared_ptr<ChatObserver>) override {
    return std::make_shared<NoHandle>();
  }

  std::shared_ptr<OwnedRequest> captured;
};

}  // namespace

ChatJob ForOtherModel(ChatJob job, const std::string& model) {
  job.model = model;
  job.start = [start = std::move(job.start), model, encoded = std::make_shared<Encoded>()](
                  ModelEngine& engine, std::shared_ptr<ChatObserver> observer) {
    RenamingEngine renaming(engine, model, *encoded);
    return start(renaming, std::move(observer));
  };
  return job;
}

std::optional<ChatJob> CopyForOtherModel(const ChatJob& job, const std::string& model) {
  if (job.embeds) return std::nullopt;
  CapturingEngine capturing;
  job.start(capturing, nullptr);
  if (capturing.captured == nullptr) return std::nullopt;
  capturing.captured->request.model = capturing.captured->Keep(model);
  ChatJob copy = job;
  copy.model = model;
  copy.start = [owned = capturing.captured](ModelEngine& engine,
                                            std::shared_ptr<ChatObserver> observer) {
    return engine.Chat(owned->request, std::move(observer));
  };
  return copy;
}

}  // namespace tessera::inference
