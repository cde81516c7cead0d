// SPDX-License-Identifier: Apache-2.0
//
// Stand-in for the miniaudio library, on the include path only while Ollama is compiled.
//
// Ollama's picture-and-audio file opens audio with miniaudio, which Debian does not package as
// a single header. Tessera sends pictures and text, never audio, so every function here fails:
// audio handed to an engine built with this header is refused as undecodable, and nothing else
// changes. It declares what that one file names and no more; no line of miniaudio is in it.
#ifndef TESSERA_ENGINE_INCLUDE_MINIAUDIO_MINIAUDIO_H_
#define TESSERA_ENGINE_INCLUDE_MINIAUDIO_MINIAUDIO_H_

#include <cstddef>

using ma_uint32 = unsigned int;
using ma_uint64 = unsigned long long;

enum ma_result { MA_SUCCESS = 0, MA_ERROR = -1 };
enum ma_format { ma_format_f32 };

struct ma_decoder_config {};
struct ma_decoder {};

static inline ma_decoder_config ma_decoder_config_init(ma_format, ma_uint32, ma_uint32) {
  return {};
}
static inline ma_result ma_decoder_init_memory(const void*, std::size_t, const ma_decoder_config*,
                                               ma_decoder*) {
  return MA_ERROR;
}
static inline ma_result ma_decoder_get_length_in_pcm_frames(ma_decoder*, ma_uint64*) {
  return MA_ERROR;
}
static inline ma_result ma_decoder_read_pcm_frames(ma_decoder*, void*, ma_uint64, ma_uint64*) {
  return MA_ERROR;
}
static inline ma_result ma_decoder_uninit(ma_decoder*) { return MA_ERROR; }

#endif  // TESSERA_ENGINE_INCLUDE_MINIAUDIO_MINIAUDIO_H_
