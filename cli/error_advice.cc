// SPDX-License-Identifier: Apache-2.0
#include "cli/error_advice.h"

#include <algorithm>
#include <array>

namespace tessera::cli {
namespace {

struct Advice {
  std::string_view reason;
  std::string_view what_to_do;
};

constexpr std::string_view kTryAgain = "Try again in a moment.";
constexpr std::string_view kLookAtLog =
    "Look at the server's log under the request id; the same call may fail again.";
constexpr std::string_view kDamagedFile =
    "The file is damaged; open it in a viewer, or export it again.";
constexpr std::string_view kOwnFault = "Please report it with the request id and the file.";

constexpr std::array kAdvices = std::to_array<Advice>({
    // The command line's own.
    {"SERVER_UNREACHABLE",
     "Start the services (`make run`), or name the right address with --address host:port."},
    {"CONNECTION_LOST", "The server ended or was restarted while it worked; try again."},
    {"NOT_GRPC",
     "Something else listens there; name the gRPC port, not the metrics port or the engine's."},
    {"NOT_SERVED_HERE",
     "Ask the front door (tessera-preprocess, port 7000), which offers everything; or the server "
     "is "
     "older than this command."},
    {"MESSAGE_TOO_LARGE",
     "Send fewer or smaller pictures at once; `generate --stream` uploads them in pieces."},
    {"NOT_SERVING", "Look at that server's log; `tessera health --watch` shows when it is back."},
    {"ARGUMENT_INVALID", "Change the command line; `tessera COMMAND --help` has examples."},
    {"FILE_NOT_FOUND", "Check the path."},
    {"FILE_IS_DIRECTORY", "Name the pictures in it, for example folder/*.jpg."},
    {"FILE_UNREADABLE", "Check the file's permissions."},
    {"FILE_UNWRITABLE", "Check the folder, its permissions and the free space."},
    {"FILE_TOO_LARGE",
     "Make the picture smaller first; servers take 32 MiB unless configured "
     "otherwise."},
    {"REPORT_UNREADABLE", "Name a file that `tessera bench --save FILE` or `--json` wrote."},
    {"ENGINE_NOT_STARTED",
     "Name an Ollama with --ollama-binary, and its models with --ollama-models."},
    // What was asked.
    {"FIELD_INVALID", "Change what the message names."},
    {"REQUEST_MALFORMED", "Change the request as the message says."},
    {"PROMPT_IMAGE_MARKER",
     "Take markers such as [img-0] out of the text; pictures are passed with --picture."},
    {"LABELS_EMPTY", "Give at least one label: --labels cat,dog."},
    {"LABELS_DUPLICATE", "Give each label once."},
    {"LABELS_TOO_MANY",
     "Give fewer labels, at most 1,000; classify in two steps if there are more."},
    {"SCHEMA_INVALID", "Correct the JSON schema where the message points."},
    {"TENSOR_TOO_LARGE",
     "Use StreamPreprocess, which sends tensors in pieces; or ask for a smaller picture or type."},
    {"STREAM_WINDOW_EXCEEDED",
     "Wait for results before sending more pictures; the stream's first message says how many."},
    {"BATCH_WINDOW_EXCEEDED",
     "Wait for results before sending more items; the stream's first message says how many."},
    {"RUNTIME_OPTIONS_FIXED",
     "Leave the runtime options out; the operator sets them for each model."},
    {"CONTEXT_OVERFLOW",
     "Shorten the text, send fewer pictures, or choose a model with more "
     "context."},
    // Pictures.
    {"IMAGE_POISONED",
     "This picture crashed the model twice; send another one, or this one after an hour."},
    {"IMAGE_EMPTY", "The file is empty; check how it was written."},
    {"IMAGE_FORMAT_UNSUPPORTED",
     "Convert the picture to JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC."},
    {"IMAGE_HEADER_CORRUPT", kDamagedFile},
    {"IMAGE_CORRUPT", kDamagedFile},
    {"IMAGE_TRUNCATED", "The file ends too early; copy or download it again."},
    {"IMAGE_TOO_MANY_BYTES",
     "Make the picture smaller, or raise --max-file-mib of "
     "tessera-preprocess."},
    {"IMAGE_TOO_MANY_PIXELS",
     "Make the picture smaller, or raise --max-megapixels of "
     "tessera-preprocess."},
    {"IMAGE_ASPECT_EXTREME", "Cut the picture into pieces that are less long and narrow."},
    {"IMAGE_FRAME_NOT_FOUND", "Choose a frame that the file has; the first is 0."},
    {"IMAGE_PROFILE_TOO_LARGE",
     "No display has a colour profile of that size: remove it, or save the picture anew."},
    {"IMAGE_ENCODE_FAILED", kOwnFault},
    {"IMAGE_NOT_PREPARED",
     "Picture files go to the front door: use --address with tessera-preprocess (port 7000), not "
     "tessera-inference."},
    // Models and the engine.
    {"MODEL_NOT_FOUND",
     "See `tessera models` for what the engine has, and choose with --model; or let the engine "
     "fetch it: `tessera models pull NAME`."},
    {"MODEL_NOT_IN_REGISTRY", "Check the spelling and the tag; ollama.com/library lists both."},
    {"MODEL_ADMIN_DISABLED",
     "Whoever runs tessera-inference must allow it: --model-admin=allow (`make run` does)."},
    {"MODEL_METADATA_MISSING",
     "The model's file does not tell its dimensions; load it and see `tessera models running`."},
    {"MODEL_FILES_DAMAGED", "Try again; if it happens twice, check the file and the disks."},
    {"MODEL_FILES_UNSUPPORTED", "Convert the model to GGUF first, or update the engine."},
    {"MODEL_SOURCE_UNKNOWN",
     "Name a .gguf file, a folder of safetensors with its config.json, or a model that the engine "
     "has."},
    {"QUANTIZATION_SOURCE",
     "Pull or create the F16 edition first (its tag usually ends in fp16), and quantise that."},
    {"QUANTIZATION_UNKNOWN", "Choose q8_0, q4_K_M or q4_K_S."},
    {"BLOB_MISSING", "Upload the files again: run the same `tessera models create`."},
    {"ENGINE_DISK_FULL",
     "Make room where the engine keeps its models (`tessera models delete`), then run the same "
     "command: it goes on where it stopped."},
    {"ENGINE_TOO_OLD", "Update Ollama on the GPU host."},
    {"REGISTRY_UNREACHABLE",
     "Check the GPU host's network and proxy, then run the same command: it goes on where it "
     "stopped."},
    {"MODEL_OFFLOADED",
     "Ask for a smaller model, or have the operator shrink its context: `tessera models fit`."},
    {"MODEL_LACKS_VISION",
     "Choose a model that sees pictures with --model; `tessera models` marks "
     "them `vision`."},
    {"MODEL_LACKS_CAPABILITY",
     "Choose another model with --model; `tessera models` says what each "
     "can do."},
    {"ENGINE_UNREACHABLE",
     "Start the engine (`make engine`), or look whether Ollama runs where "
     "tessera-inference expects it (--ollama-url)."},
    {"ENGINE_STREAM_BROKEN",
     "The engine stopped in the middle; try again. Text shown so far is "
     "valid."},
    {"ENGINE_RUNNER_FAILED",
     "The model's process ended, often for want of memory; try again, or "
     "choose a smaller model."},
    {"ENGINE_TIMEOUT",
     "The engine was silent for too long, perhaps while loading a model; try "
     "again, or raise the time-outs of tessera-inference."},
    {"ENGINE_REFUSED", "Change the request as the engine's message says."},
    {"ENGINE_BUSY", kTryAgain},
    {"ENGINE_REPLY_INVALID", kLookAtLog},
    {"ENGINE_FAILED", kLookAtLog},
    {"ENGINE_WEDGED", kTryAgain},
    {"ANSWER_NOT_CONFORMING",
     "The model's answer had not the form that was asked for; try again, with a simpler form, or "
     "with another model."},
    {"CLASSIFICATION_INVALID",
     "The model did not answer with one of the labels; try again, with "
     "simpler labels, or with another model."},
    // The services.
    {"QUEUE_FULL", kTryAgain},
    {"DEADLINE_UNMEETABLE", "Allow more time: --timeout 5m; or try again when less is waiting."},
    {"REPLY_TOO_LARGE", "Ask for a shorter answer: --max-tokens."},
    {"CALLER_TOO_SLOW",
     "The output was not read fast enough; write it to a file instead of a slow "
     "pipe."},
    {"INFERENCE_UNREACHABLE",
     "tessera-inference does not answer the front door; see `tessera "
     "health` and whether it runs at --inference-address of "
     "tessera-preprocess."},
    {"INFERENCE_FAILED", kLookAtLog},
    {"DRAINING", "The server is going down for a restart; try again, or use another one."},
    {"DEADLINE_EXCEEDED",
     "Allow more time: --timeout 5m. A model that is not in memory yet takes "
     "longest the first time."},
    {"CANCELLED", "Nothing to do: the call was given up."},
});

const Advice* Find(std::string_view reason) {
  const auto found = std::find_if(kAdvices.begin(), kAdvices.end(),
                                  [&](const Advice& advice) { return advice.reason == reason; });
  return found == kAdvices.end() ? nullptr : &*found;
}

std::string_view AdviceForCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
      return "Change the request as the message says.";
    case absl::StatusCode::kNotFound:
      return "Name something that exists.";
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return "Ask whoever runs the server for access.";
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
      return kTryAgain;
    case absl::StatusCode::kDeadlineExceeded:
      return "Allow more time: --timeout 5m.";
    case absl::StatusCode::kUnimplemented:
      return "The server is older or younger than this command; compare `tessera --version` with "
             "the server's.";
    default:
      return kLookAtLog;
  }
}

}  // namespace

std::string_view AdviceFor(std::string_view reason, absl::StatusCode code) {
  const Advice* const advice = Find(reason);
  return advice != nullptr ? advice->what_to_do : AdviceForCode(code);
}

bool HasAdviceFor(std::string_view reason) { return Find(reason) != nullptr; }

}  // namespace tessera::cli
