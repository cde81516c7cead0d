// SPDX-License-Identifier: Apache-2.0
//
// Read by jemalloc when the process starts; MALLOC_CONF in the environment wins over it.

// Pictures come and go by the megabyte: what they leave is given back within a second or two, by a
// thread of jemalloc's own, and few arenas keep threads from each holding some. What is larger than
// 2 MiB, a file or the coefficients of a progressive JPEG, is given back at once: one thread's
// would not serve the next picture of another.
extern "C" const char* malloc_conf;
const char* malloc_conf =
    "background_thread:true,narenas:4,dirty_decay_ms:1000,muzzy_decay_ms:0,"
    "oversize_threshold:2097152";
