// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/preprocess_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "cli/client_call.h"
#include "cli/json_document.h"
#include "cli/local_file.h"
#include "cli/picture_file.h"
#include "cli/picture_text.h"
#include "cli/quantities.h"
#include "cli/size_argument.h"
#include "cli/terminal/safe_text.h"
#include "cli/timing_report.h"
#include "common/rpc/request_id.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {

namespace api = preprocess::v1;

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera preprocess photo.heic small.jpg\n"
    "  tessera preprocess scan.tif page.png --max-side 1024\n"
    "  tessera preprocess photo.jpg same.jpg --size-policy engine-fit:ollama-current\n"
    "  curl -s https://example.org/a.webp | tessera preprocess - - > small.jpg\n"
    "\n"
    "Prints sizes, digest and the time of each stage; to standard error when OUT is -.\n"
    "`tessera --help` lists the options that every command takes, and the exit codes.";

bool EndsWithPng(const std::string& path) {
  return path.size() > 4 && (path.ends_with(".png") || path.ends_with(".PNG"));
}

}  // namespace

CLI::App* PreprocessCommand::Declare(CLI::App& program) {
  CLI::App* const app = program.add_subcommand(
      "preprocess", "Prepare a picture as a model gets it, and look at what became of it");
  app->add_option("IN", in_, "Picture file; - is standard input")->required();
  app->add_option("OUT", out_, "File to write; - is standard output")->required();
  app->add_option("--max-side", max_side_, "Longest side in pixels, 32 to 4096; 768 by default");
  app->add_option("--quality", quality_, "JPEG quality, 1 to 100; 92 by default");
  app->add_option("--encoding", encoding_, "jpeg, or png; by default png when OUT ends in .png")
      ->check(CLI::IsMember({"jpeg", "png"}))
      ->type_name("jpeg|png");
  app->add_option("--size-policy", size_policy_,
                  "fit-within, engine-fit:ENGINE, token-budget:[MIN-]MAX or "
                  "exact:WIDTHxHEIGHT[:stretch]; fit-within by default")
      ->type_name("POLICY");
  app->add_option("--kernel", kernel_, "lanczos3, or bicubic for parity with training pipelines")
      ->check(CLI::IsMember({"lanczos3", "bicubic"}))
      ->type_name("lanczos3|bicubic");
  app->footer(kExamples);
  return app;
}

absl::Status PreprocessCommand::Check(Session& session) const {
  if (out_ == "-" && session.terminal().out_is_terminal()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     "a picture is not written to a terminal: name a file, or redirect the output");
  }
  return absl::OkStatus();
}

absl::StatusOr<image::v1::ImageOptions> PreprocessCommand::Options() const {
  image::v1::ImageOptions options;
  if (max_side_) options.set_max_side_px(*max_side_);
  if (quality_) options.set_jpeg_quality(*quality_);
  const bool png = encoding_ == "png" || (encoding_.empty() && EndsWithPng(out_));
  options.set_encoding(png ? image::v1::IMAGE_ENCODING_PNG : image::v1::IMAGE_ENCODING_JPEG);
  if (!size_policy_.empty()) TESSERA_RETURN_IF_ERROR(ReadSizePolicy(size_policy_, options));
  if (kernel_ == "bicubic") options.set_kernel(image::v1::KERNEL_BICUBIC);
  return options;
}

int PreprocessCommand::Run(Session& session) {
  FailedAction action{.what = "preprocess " + in_};
  if (const absl::Status status = Check(session); !status.ok()) return session.Fail(status, action);
  auto options = Options();
  if (!options.ok()) return session.Fail(options.status(), action);
  auto picture = ReadPicture(session, in_);
  if (!picture.ok()) return session.Fail(picture.status(), action);
  const auto connection = session.Connect(session.options().address);
  if (!connection.ok()) return session.Fail(connection.status(), action);

  session.terminal().progress().Show(fmt::format("{}: preparing", in_));
  api::PreprocessImageRequest request;
  request.set_request_id(MakeRequestId());
  request.set_content(std::move(picture->content));
  *request.mutable_options() = *std::move(options);
  action.request_id = request.request_id();
  api::PreprocessImageResponse response;
  absl::Duration elapsed;
  {
    ClientCall call(session, *connection);
    const absl::Status status =
        call.ToStatus(api::PreprocessService::NewStub(connection->channel)
                          ->PreprocessImage(call.context(), request, &response));
    elapsed = call.elapsed();
    if (!status.ok()) return session.Fail(status, action);
  }
  session.terminal().progress().Hide();
  if (const absl::Status status = Write(session, response.image().data()); !status.ok()) {
    return session.Fail(status, {.what = "write " + out_});
  }
  Report(session, response.image(), elapsed);
  return kExitOk;
}

absl::Status PreprocessCommand::Write(Session& session, const std::string& picture) const {
  if (out_ != "-") return WriteFile(out_, picture);
  session.terminal().Out(picture);
  return session.terminal().output_status();
}

void PreprocessCommand::Report(Session& session, const image::v1::PreparedImage& image,
                               absl::Duration elapsed) const {
  Terminal& terminal = session.terminal();
  const bool to_err = out_ == "-";
  if (session.options().json) {
    image::v1::PreparedImage facts = image;
    facts.clear_data();
    nlohmann::ordered_json document = {
        {"in", in_}, {"out", out_}, {"sizeBytes", image.data().size()}};
    document.update(ToDocument(facts));
    document.erase("data");
    document["client"] = {{"totalSeconds", absl::ToDoubleSeconds(elapsed)}};
    const std::string line = OneLine(document, to_err || terminal.out_is_terminal()) + "\n";
    to_err ? terminal.Err(line) : terminal.Out(line);
    return;
  }
  const Pen& pen = to_err ? terminal.err_pen() : terminal.out_pen();
  std::string text;
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("{} {}\n", pen(Ink::kDim, fmt::format("{:<9}", name)), SafeWord(value));
  };
  const image::v1::ImageSource& source = image.source();
  line("source",
       fmt::format(
           "{}, {}{}{}{}", SourceText(source), source.colour_space(),
           source.has_icc_profile() ? ", ICC profile" : "",
           source.has_alpha() ? ", transparent" : "",
           source.orientation() > 1 ? fmt::format(", orientation {}", source.orientation()) : ""));
  line("prepared", fmt::format("{} {}x{}, {}", EncodingText(image.encoding()), image.width_px(),
                               image.height_px(), SizeText(image.data().size())));
  line("digest", HexText(image.pixel_digest()));
  line("prompt",
       fmt::format("{} tokens with Ollama up to 0.24, {} from 0.30 on, {} with Hugging Face's "
                   "processor",
                   image.prompt_tokens().ollama_legacy(), image.prompt_tokens().ollama_current(),
                   image.prompt_tokens().hugging_face()));
  line("stages", StagesText(image.stage_times()));
  line("total", fmt::format("{} by this client's clock", DurationText(elapsed)));
  if (session.options().verbose) {
    line("plan", fmt::format("{}, shrink on load {}, kernel {}", image.plan().decoder(),
                             image.plan().shrink_on_load(), image.plan().kernel()));
  }
  to_err ? terminal.Err(text) : terminal.Out(text);
}

}  // namespace tessera::cli
