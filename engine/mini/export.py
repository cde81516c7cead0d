# SPDX-License-Identifier: Apache-2.0
"""Writes weights as GGUF for Ollama: export.py WEIGHTS FOLDER [--form q8 ...].

WEIGHTS is a weights.npz of train.py or an earlier GGUF of this program. Forms: f16 (source for
quantising), q8 (default), q4; each is one file with the vision tower inside, as the engine wants it
that Ollama carries up to 0.24. Later ones want the two files of pair.py.
"""

from __future__ import annotations

import argparse
import pathlib
import zlib

import numpy as np

import config
import gguf
import tokenizer

ARCHITECTURE = "qwen3vl"
FORMS = {
    "f16": (gguf.F16, gguf.F16, 1),
    "q8": (gguf.Q8_0, gguf.Q4_0, 7),
    "q4": (gguf.Q4_0, gguf.Q4_0, 2),
}
TEXT_NAMES = {
    "norm1": "attn_norm",
    "norm2": "ffn_norm",
    "qn": "attn_q_norm",
    "kn": "attn_k_norm",
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}
VISION_NAMES = {
    "norm1": "norm1",
    "norm2": "norm2",
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_out",
    "fc1": "mlp.linear_fc1",
    "fc2": "mlp.linear_fc2",
}
MERGER_NAMES = {"norm": "norm", "fc1": "linear_fc1", "fc2": "linear_fc2"}
Weights = dict[str, np.ndarray]


def text_pairs(file_type: int) -> list[gguf.KeyValue]:
    """Keys that tell of the text decoder and the tokenizer."""
    t, a = tokenizer.load(), ARCHITECTURE
    special = set(tokenizer.SPECIAL.values())
    types = [
        3 if i in special else 5 if token.startswith("[spare") else 1
        for i, token in enumerate(t.tokens)
    ]
    return [
        ("general.architecture", "str", a),
        ("general.name", "str", "tessera-mini"),
        ("general.license", "str", "apache-2.0"),
        ("general.file_type", "u32", file_type),
        (f"{a}.block_count", "u32", config.LAYERS),
        (f"{a}.context_length", "u32", config.CONTEXT),
        (f"{a}.embedding_length", "u32", config.WIDTH),
        (f"{a}.feed_forward_length", "u32", config.FEED),
        (f"{a}.attention.head_count", "u32", config.HEADS),
        (f"{a}.attention.head_count_kv", "u32", config.KV_HEADS),
        (f"{a}.attention.key_length", "u32", config.HEAD),
        (f"{a}.attention.value_length", "u32", config.HEAD),
        (f"{a}.attention.layer_norm_rms_epsilon", "f32", config.EPSILON),
        (f"{a}.rope.freq_base", "f32", config.ROPE_TEXT),
        (f"{a}.rope.mrope_section", "i32s", config.SECTIONS),
        ("tokenizer.ggml.model", "str", "gpt2"),
        ("tokenizer.ggml.pre", "str", "qwen2"),
        ("tokenizer.ggml.tokens", "strs", t.tokens),
        ("tokenizer.ggml.token_type", "i32s", types),
        ("tokenizer.ggml.merges", "strs", t.merges),
        ("tokenizer.ggml.eos_token_id", "u32", config.IM_END),
        ("tokenizer.ggml.bos_token_id", "u32", config.END_OF_TEXT),
        ("tokenizer.ggml.add_bos_token", "bool", 0),
    ]


def _vision_pairs() -> list[gguf.KeyValue]:
    a = f"{ARCHITECTURE}.vision"
    return [
        (f"{a}.block_count", "u32", config.VISION_LAYERS),
        (f"{a}.embedding_length", "u32", config.VISION_WIDTH),
        (f"{a}.attention.head_count", "u32", config.VISION_HEADS),
        (f"{a}.attention.layer_norm_epsilon", "f32", config.EPSILON),
        (f"{a}.rope.freq_base", "f32", config.ROPE_VISION),
        (f"{a}.num_channels", "u32", 3),
        (f"{a}.patch_size", "u32", config.PATCH),
        (f"{a}.spatial_merge_size", "u32", config.MERGE),
        (f"{a}.temporal_patch_size", "u32", 2),
        (f"{a}.shortest_edge", "u32", config.MIN_PIXELS),
        (f"{a}.longest_edge", "u32", 16 << 20),
        (f"{a}.num_positional_embeddings", "u32", config.GRID**2),
        (f"{a}.deepstack_visual_indexes", "i32s", config.DEEPSTACK),
        (f"{a}.image_mean", "f32s", [0.5] * 3),
        (f"{a}.image_std", "f32s", [0.5] * 3),
    ]


def _typed(name: str, a: np.ndarray, dense: int) -> gguf.Tensor:
    """Vectors stay in full precision."""
    return name, np.asarray(a, "f4"), gguf.F32 if a.ndim == 1 else dense


def text_tensors(w: Weights, dense: int, embedding: int) -> list[gguf.Tensor]:
    """The text decoder's tensors as the single file names them."""
    table = np.zeros((config.EMBEDDING_ROWS, config.WIDTH), "f4")
    table[: config.VOCABULARY] = w["embed"][: config.VOCABULARY]
    table[config.VISION_START], table[config.VISION_END] = w["embed"][config.VOCABULARY :]
    out = [
        ("token_embd.weight", table, embedding),
        _typed("output.weight", w["head"], dense),
        _typed("output_norm.weight", w["norm.weight"], dense),
    ]
    for i in range(config.LAYERS):
        for ours, theirs in TEXT_NAMES.items():
            out.append(_typed(f"blk.{i}.{theirs}.weight", w[f"text.{i}.{ours}.weight"], dense))
    return out


def _patch_kernel(w: Weights) -> np.ndarray:
    """All weight sits in the first of the two frames, which are the same picture."""
    kernel = np.zeros((config.VISION_WIDTH, 3, 2, config.PATCH, config.PATCH), "f4")
    kernel[:, :, 0] = w["vision.patch.weight"].reshape(-1, 3, config.PATCH, config.PATCH)
    return kernel


def _vision_parts() -> list[tuple[str, str, dict[str, str]]]:
    """Our prefix, the file's prefix and the names below them, for every part with biases."""
    blocks = [
        (f"vision.blocks.{i}", f"v.blk.{i}", VISION_NAMES) for i in range(config.VISION_LAYERS)
    ]
    deep = [
        (f"vision.deep.{i}", f"v.deepstack_merger.{i}", MERGER_NAMES)
        for i in range(len(config.DEEPSTACK))
    ]
    return [*blocks, ("vision.merger", "v.merger", MERGER_NAMES), *deep]


def vision_tensors(w: Weights, dense: int) -> list[gguf.Tensor]:
    """The vision tower's tensors as the single file names them."""
    kernel = _patch_kernel(w).reshape(config.VISION_WIDTH * 3, 2, config.PATCH, config.PATCH)
    out = [
        ("v.patch_embed.weight", kernel, gguf.F16),
        _typed("v.patch_embed.bias", w["vision.patch.bias"], dense),
        _typed("v.pos_embed.weight", w["vision.pos"], dense),
    ]

    for ours, theirs, names in _vision_parts():
        for a, b in names.items():
            for end in ("weight", "bias"):
                out.append(_typed(f"{theirs}.{b}.{end}", w[f"{ours}.{a}.{end}"], dense))
    return out


def load(path: pathlib.Path) -> Weights:
    """Weights under their training names, from a weights.npz or from a GGUF of ours."""
    if path.suffix == ".npz":
        with np.load(path) as kept:
            return dict(kept)
    t = gguf.read_tensors(path)
    table = t["token_embd.weight"]
    ends = table[[config.VISION_START, config.VISION_END]]
    out = {
        "embed": np.concatenate([table[: config.VOCABULARY], ends]),
        "head": t["output.weight"],
        "norm.weight": t["output_norm.weight"],
        "vision.patch.bias": t["v.patch_embed.bias"],
        "vision.pos": t["v.pos_embed.weight"],
    }
    kernel = t["v.patch_embed.weight"].reshape(config.VISION_WIDTH, 3, 2, -1)[:, :, 0]
    out["vision.patch.weight"] = kernel.reshape(config.VISION_WIDTH, -1)
    for i in range(config.LAYERS):
        for ours, theirs in TEXT_NAMES.items():
            out[f"text.{i}.{ours}.weight"] = t[f"blk.{i}.{theirs}.weight"]
    for ours, theirs, names in _vision_parts():
        for a, b in names.items():
            for end in ("weight", "bias"):
                out[f"{ours}.{a}.{end}"] = t[f"{theirs}.{b}.{end}"]
    return out


def write(weights: pathlib.Path, path: pathlib.Path, form: str) -> None:
    """Writes one self-contained GGUF file of that form."""
    dense, embedding, file_type = FORMS[form]
    w = load(weights)
    tensors = text_tensors(w, dense, embedding) + vision_tensors(w, dense)
    gguf.write(path, text_pairs(file_type) + _vision_pairs(), tensors)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--form", nargs="+", choices=list(FORMS), default=["q8"])
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for form in args.form:
        path = args.folder / f"tessera-mini-{form}.gguf"
        write(args.weights, path, form)
        raw = path.read_bytes()
        packed = len(zlib.compress(raw, 6))
        print(f"{path}: {len(raw):,} bytes, {packed:,} packed with zlib -6")


if __name__ == "__main__":
    main()
