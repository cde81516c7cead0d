// SPDX-License-Identifier: Apache-2.0
//
// Error texts of Ollama that clients are known to compare.
#ifndef TESSERA_SIMULATOR_ERROR_TEXTS_H_
#define TESSERA_SIMULATOR_ERROR_TEXTS_H_

#include <string_view>

namespace tessera::simulator {

// Two spaces, no Retry-After.
inline constexpr std::string_view kBusyText =
    "server busy, please try again.  maximum pending requests exceeded";
inline constexpr std::string_view kRunnerEofText =
    "an error was encountered while running the model: unexpected EOF";
inline constexpr std::string_view kRunnerStoppedText =
    "model runner has unexpectedly stopped, this may be due to resource limitations or an internal "
    "error, check ollama server logs for details";
inline constexpr std::string_view kPromptTooLongText =
    "the prompt is longer than the context length currently available to the model; shorten the "
    "prompt, adjust the context length in settings, or use a model with a longer context length";
inline constexpr std::string_view kInputTooLongText = "the input length exceeds the context length";
inline constexpr std::string_view kNoEmbeddingsText =
    "This server does not support embeddings. Start it with `--embeddings`";
inline constexpr std::string_view kQuantizeSourceText =
    "quantization is only supported for F16, BF16 and F32 models";

// Errors of the runner travel as a JSON document inside the error string.
inline constexpr std::string_view kBadImageJson =
    R"({"error":{"code":400,"message":"Failed to load image or audio file","type":"invalid_request_error"}})";
inline constexpr std::string_view kNoMultimodalJson =
    R"({"error":{"code":400,"message":"Multimodal data provided, but model does not support multimodal requests.","type":"invalid_request_error"}})";
inline constexpr std::string_view kNoImageInputJson =
    R"({"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}})";

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_ERROR_TEXTS_H_
