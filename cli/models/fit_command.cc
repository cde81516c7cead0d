// SPDX-License-Identifier: Apache-2.0
#include "cli/models/fit_command.h"

#include <fmt/format.h>
#include <tessera/model/v1/model_service.grpc.pb.h>

#include <CLI/CLI.hpp>
#include <cmath>

#include "cli/client_call.h"
#include "cli/json_document.h"
#include "cli/quantities.h"
#include "cli/terminal/safe_text.h"
#include "cli/text_table.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace api = model::v1;

constexpr absl::Duration kLongestLoad = absl::Minutes(10);

api::KvCacheType KvType(const std::string& name) {
  if (name == "q8_0") return api::KV_CACHE_TYPE_Q8_0;
  if (name == "q4_0") return api::KV_CACHE_TYPE_Q4_0;
  return api::KV_CACHE_TYPE_F16;
}

std::string ChoiceText(const api::MemoryChoice& choice) {
  std::string text = choice.kv_cache_type() == api::KV_CACHE_TYPE_Q8_0   ? "q8_0 cache"
                     : choice.kv_cache_type() == api::KV_CACHE_TYPE_Q4_0 ? "q4_0 cache"
                                                                         : "f16 cache";
  if (choice.without_flash_attention()) text += ", no flash attention";
  return text;
}

std::string Row(std::string_view name, uint64_t bytes) {
  return fmt::format("  {:<22}{:>10}\n", name, SizeText(bytes));
}

}  // namespace

CLI::App* FitCommand::Declare(CLI::App& models) {
  CLI::App* const app =
      models.add_subcommand("fit", "Predict how much memory a model takes, and what fits");
  app->add_option("MODEL", model_, "Name, as `tessera models` lists it")->required();
  app->add_option_function<std::string>(
         "--vram",
         [this](const std::string& given) {
           const auto bytes = ParseSize("--vram", given);
           if (!bytes.ok()) throw CLI::ValidationError(std::string(bytes.status().message()));
           vram_bytes_ = *bytes;
         },
         "Memory of the GPU: 8GiB, 24GiB; without it nothing is said about what fits")
      ->type_name("SIZE");
  app->add_option("--num-ctx", context_tokens_, "Tokens of context; the model's own by default");
  app->add_option("--kv", kv_type_, "How keys and values are stored (OLLAMA_KV_CACHE_TYPE)")
      ->check(CLI::IsMember({"f16", "q8_0", "q4_0"}))
      ->capture_default_str();
  app->add_option("--parallel", parallel_, "Slots (OLLAMA_NUM_PARALLEL)")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app->add_flag("--no-flash-attention", no_flash_attention_, "As with OLLAMA_FLASH_ATTENTION=0");
  app->add_option("--with", with_, "Another model that is to be in memory at the same time");
  app->add_flag("--check", check_, "Load the model and compare with what the engine reports");
  app->footer(
      "Examples:\n"
      "  tessera models fit qwen3-vl:4b --vram 8GiB\n"
      "  tessera models fit llama3.2-custom --vram 8GiB --with qwen3-vl:4b --kv q8_0\n"
      "  tessera models fit llama3.2-custom --num-ctx 32768 --check\n"
      "\n"
      "Weights and keys/values are exact; the rest is within a few per cent on what was measured\n"
      "(docs/models.md). Keep some hundred MiB free for the display and other programs.");
  return app;
}

int FitCommand::Run(Session& session) {
  const FailedAction action{.what = "fit " + model_};
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);
  api::PredictMemoryResponse prediction;
  absl::Status status = Predict(session, *connection, prediction);
  if (!status.ok()) return session.Fail(status, action);
  session.terminal().progress().Hide();
  if (session.options().json) {
    session.PrintDocument(ToDocument(prediction));
  } else {
    Print(session, prediction);
  }
  if (check_) status = Check(session, *connection, prediction);
  return status.ok() ? kExitOk : session.Fail(status, action);
}

absl::Status FitCommand::Predict(Session& session, const Connection& connection,
                                 api::PredictMemoryResponse& prediction) {
  ClientCall call(session, connection);
  api::PredictMemoryRequest request;
  request.set_model(model_);
  request.set_context_tokens(context_tokens_);
  request.set_kv_cache_type(KvType(kv_type_));
  request.set_parallel(parallel_);
  request.set_without_flash_attention(no_flash_attention_);
  request.set_gpu_memory_bytes(vram_bytes_);
  request.mutable_with_models()->Assign(with_.begin(), with_.end());
  return call.ToStatus(api::ModelService::NewStub(connection.channel)
                           ->PredictMemory(call.context(), request, &prediction));
}

void FitCommand::Print(Session& session, const api::PredictMemoryResponse& prediction) const {
  const api::MemoryUse& use = prediction.use();
  std::string text =
      fmt::format("{} with {} tokens of context, {}, {} cache{}\n", SafeWord(use.model()),
                  NumberText(use.context_tokens()), CountText(use.parallel(), "slot"), kv_type_,
                  no_flash_attention_ ? ", no flash attention" : "");
  text += Row("weights, text", use.text_weight_bytes());
  if (use.vision_weight_bytes() > 0) text += Row("weights, vision", use.vision_weight_bytes());
  text += Row("keys and values", use.kv_cache_bytes());
  text += Row("compute", use.compute_bytes());
  text += Row("driver and libraries", use.driver_bytes());
  uint64_t all = use.gpu_bytes();
  for (const api::MemoryUse& other : prediction.others()) {
    text += Row(SafeWord(other.model()), other.gpu_bytes());
    all += other.gpu_bytes();
  }
  text += Row("GPU memory", all);
  if (vram_bytes_ > 0) {
    const Pen& pen = session.terminal().out_pen();
    text += prediction.fits()
                ? pen(Ink::kGreen, fmt::format("fits into {}, {} stay free\n",
                                               SizeText(vram_bytes_), SizeText(vram_bytes_ - all)))
                : pen(Ink::kRed, fmt::format("does not fit into {}: {} too much, part of it would "
                                             "run on the CPU\n",
                                             SizeText(vram_bytes_),
                                             SizeText(all - std::min(all, vram_bytes_))));
    text += prediction.largest_context_tokens() > 0
                ? fmt::format("largest num_ctx that fits: {}\n",
                              NumberText(prediction.largest_context_tokens()))
                : "no context fits\n";
  }
  TextTable table({"CHOICE", "GPU MEMORY", "FITS", "LARGEST NUM_CTX"});
  for (const api::MemoryChoice& choice : prediction.choices()) {
    table.Add({ChoiceText(choice), SizeText(choice.gpu_bytes()),
               vram_bytes_ == 0 ? "-"
               : choice.fits()  ? "yes"
                                : "no",
               choice.largest_context_tokens() == 0
                   ? "-"
                   : fmt::to_string(choice.largest_context_tokens())});
  }
  Terminal& terminal = session.terminal();
  terminal.Out(text);
  terminal.Out(terminal.out_is_terminal() ? "\n" + table.Aligned(terminal.out_pen())
                                          : table.Plain());
  if (prediction.slots_forced_to_one()) {
    session.Warn("the engine answers this family one request at a time, whatever --parallel says");
  }
  if (prediction.estimated_by_general_rule()) {
    session.Warn(
        "the compute memory of this family was not compared with measurements; use --check");
  }
}

absl::Status FitCommand::Check(Session& session, const Connection& connection,
                               const api::PredictMemoryResponse& prediction) {
  session.terminal().progress().Show("loading " + model_);
  ClientCall call(session, connection, session.TimeoutOr(kLongestLoad));
  api::LoadModelRequest request;
  request.set_model(model_);
  request.set_context_tokens(prediction.use().context_tokens());
  api::LoadModelResponse response;
  TESSERA_RETURN_IF_ERROR(call.ToStatus(api::ModelService::NewStub(connection.channel)
                                            ->LoadModel(call.context(), request, &response)));
  session.terminal().progress().Hide();
  const api::RunningModel& loaded = response.model();
  const bool on_gpu = loaded.size_vram_bytes() > 0;
  const uint64_t predicted =
      on_gpu ? prediction.use().engine_count_bytes() : prediction.use().engine_count_cpu_bytes();
  const double error =
      loaded.size_bytes() == 0 ? 0 : static_cast<double>(predicted) / loaded.size_bytes() - 1;
  if (session.options().json) {
    session.PrintDocument({{"check",
                            {{"reportedBytes", loaded.size_bytes()},
                             {"reportedVramBytes", loaded.size_vram_bytes()},
                             {"predictedBytes", predicted},
                             {"relativeError", error},
                             {"contextTokens", loaded.context_tokens()},
                             {"cpuOffloadRatio", loaded.cpu_offload_ratio()}}}});
    return absl::OkStatus();
  }
  session.terminal().Out(
      fmt::format("checked: the engine reports {} ({} on the GPU) at {} tokens; predicted {}, "
                  "error {:+.1f} %\n",
                  SizeText(loaded.size_bytes()), SizeText(loaded.size_vram_bytes()),
                  loaded.context_tokens(), SizeText(predicted), error * 100));
  return absl::OkStatus();
}

}  // namespace tessera::cli
