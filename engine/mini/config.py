# SPDX-License-Identifier: Apache-2.0
"""Sizes of tessera-mini: the one place that training, export and evaluation read them from."""

# Text decoder. The engine's rotary sections (24, 20, 20) fix the head at 128.
WIDTH, LAYERS, HEADS, KV_HEADS, HEAD, FEED = 192, 5, 2, 1, 128, 448
SECTIONS = [24, 20, 20]
ROPE_TEXT = 5e6

# Vision tower. Deepstack levels must be fewer than text layers; merger hidden sizes are free
# because the engine reads them from the tensors.
VISION_WIDTH, VISION_LAYERS, VISION_HEADS, VISION_FEED, MERGER_HIDDEN = 192, 4, 3, 896, 512
DEEPSTACK = [1]
ROPE_VISION = 1e4
PATCH, MERGE, GRID = 16, 2, 24
CELL = PATCH * MERGE  # one picture token covers CELL x CELL pixels
MIN_PIXELS, MAX_PIXELS = 65536, 2 << 20

EPSILON = 1e-6
VOCABULARY = 1024  # rows of the output head and of the tokenizer

# The engine inserts these ids itself, so the embedding table must reach them.
EMBEDDING_ROWS = 151656
VISION_START, VISION_END, IMAGE_PAD = 151652, 151653, 151655
END_OF_TEXT, IM_START, IM_END = 256, 257, 258
CONTEXT = 8192
