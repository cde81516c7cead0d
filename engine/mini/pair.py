# SPDX-License-Identifier: Apache-2.0
"""Writes weights as a text file and a projector file: pair.py WEIGHTS FOLDER [--form q8 ...].

Ollama 0.30 and later run models with llama.cpp, which wants the vision tower in a file of its own,
under names of its own. Every value is the one that export.py writes into its single file.
"""

from __future__ import annotations

import argparse
import pathlib

import numpy as np

import config
import export
import gguf
import tokenizer

# llama.cpp finds these by name in the text file's vocabulary, and gives the embedding as many rows
# as there are tokens.
MARKS = {
    "<|vision_start|>": config.VISION_START,
    "<|vision_end|>": config.VISION_END,
    "<|image_pad|>": config.IMAGE_PAD,
}
CONTROL_TOKEN = 3
BLOCK_NAMES = {
    "norm1": "ln1",
    "norm2": "ln2",
    "attn_out": "attn_out",
    "mlp.linear_fc1": "ffn_up",
    "mlp.linear_fc2": "ffn_down",
}
MERGER_NAMES = {"norm": "v.post_ln", "linear_fc1": "mm.0", "linear_fc2": "mm.2"}
DEEP_NAMES = {"norm": "norm", "linear_fc1": "fc1", "linear_fc2": "fc2"}
ENDS = ("weight", "bias")


def text_pairs(file_type: int) -> list[gguf.KeyValue]:
    """Keys of the text file."""
    a = export.ARCHITECTURE
    kept = {key: (kind, value) for key, kind, value in export.text_pairs(file_type)}
    del kept[f"{a}.rope.mrope_section"]
    kept["general.type"] = ("str", "model")
    kept[f"{a}.rope.dimension_sections"] = ("i32s", [*config.SECTIONS, 0])
    kept[f"{a}.n_deepstack_layers"] = ("u32", len(config.DEEPSTACK))
    for key, more in (("tokens", list(MARKS)), ("token_type", [CONTROL_TOKEN] * len(MARKS))):
        kind, values = kept[f"tokenizer.ggml.{key}"]
        kept[f"tokenizer.ggml.{key}"] = (kind, values + more)
    return [(key, kind, value) for key, (kind, value) in kept.items()]


def projector_pairs(file_type: int) -> list[gguf.KeyValue]:
    """Keys of the projector file."""
    v = "clip.vision"
    return [
        ("general.architecture", "str", "clip"),
        ("general.type", "str", "mmproj"),
        ("general.name", "str", "tessera-mini"),
        ("general.license", "str", "apache-2.0"),
        ("general.file_type", "u32", file_type),
        ("clip.has_vision_encoder", "bool", 1),
        ("clip.projector_type", "str", "qwen3vl_merger"),
        ("clip.use_gelu", "bool", 1),
        (f"{v}.projection_dim", "u32", config.WIDTH),
        (f"{v}.image_size", "u32", config.GRID * config.PATCH),
        (f"{v}.patch_size", "u32", config.PATCH),
        (f"{v}.spatial_merge_size", "u32", config.MERGE),
        (f"{v}.embedding_length", "u32", config.VISION_WIDTH),
        (f"{v}.feed_forward_length", "u32", config.VISION_FEED),
        (f"{v}.block_count", "u32", config.VISION_LAYERS),
        (f"{v}.attention.head_count", "u32", config.VISION_HEADS),
        (f"{v}.attention.layer_norm_epsilon", "f32", config.EPSILON),
        (
            f"{v}.is_deepstack_layers",
            "bools",
            [i in config.DEEPSTACK for i in range(config.VISION_LAYERS)],
        ),
        (f"{v}.image_mean", "f32s", [0.5] * 3),
        (f"{v}.image_std", "f32s", [0.5] * 3),
    ]


def text_tensors(single: list[gguf.Tensor]) -> list[gguf.Tensor]:
    """The text tensors of a single file, cut to the vocabulary and its three marks."""
    words = list(range(config.VOCABULARY))
    # A mark scores as the start of a turn does, which no answer holds.
    rows = {
        "token_embd.weight": words + list(MARKS.values()),
        "output.weight": words + [config.IM_START] * len(MARKS),
    }
    return [(name, a[rows[name]] if name in rows else a, kind) for name, a, kind in single]


def projector_tensors(single: list[gguf.Tensor]) -> list[gguf.Tensor]:
    """The vision tensors of a single file under llama.cpp's names: queries, keys and values in one
    matrix, the patch kernel one frame a tensor."""
    told = {name: (a, kind) for name, a, kind in single}
    out: list[gguf.Tensor] = []

    def move(theirs: str, ours: str) -> None:
        for end in ENDS:
            out.append((f"{theirs}.{end}", *told[f"{ours}.{end}"]))

    kernel, kind = told["v.patch_embed.weight"]
    kernel = kernel.reshape(config.VISION_WIDTH, 3, 2, config.PATCH, config.PATCH)
    out.append(("v.patch_embd.weight", kernel[:, :, 0], kind))
    out.append(("v.patch_embd.weight.1", kernel[:, :, 1], kind))
    out.append(("v.patch_embd.bias", *told["v.patch_embed.bias"]))
    # llama.cpp resizes this one, which it does in full precision only.
    positions, kind = told["v.pos_embed.weight"]
    out.append(("v.position_embd.weight", gguf.rounded(positions, kind), gguf.F32))
    for i in range(config.VISION_LAYERS):
        for end in ENDS:
            parts = [told[f"v.blk.{i}.attn_{part}.{end}"] for part in "qkv"]
            whole = np.concatenate([a for a, _ in parts])
            out.append((f"v.blk.{i}.attn_qkv.{end}", whole, parts[0][1]))
        for ours, theirs in BLOCK_NAMES.items():
            move(f"v.blk.{i}.{theirs}", f"v.blk.{i}.{ours}")
    for ours, theirs in MERGER_NAMES.items():
        move(theirs, f"v.merger.{ours}")
    for i, layer in enumerate(config.DEEPSTACK):
        for ours, theirs in DEEP_NAMES.items():
            move(f"v.deepstack.{layer}.{theirs}", f"v.deepstack_merger.{i}.{ours}")
    return out


def write(weights: pathlib.Path, text: pathlib.Path, projector: pathlib.Path, form: str) -> None:
    """Writes both files of that form."""
    dense, embedding, file_type = export.FORMS[form]
    w = export.load(weights)
    words = text_tensors(export.text_tensors(w, dense, embedding))
    gguf.write(text, text_pairs(file_type), words)
    sight = projector_tensors(export.vision_tensors(w, dense))
    gguf.write(projector, projector_pairs(file_type), sight)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--form", nargs="+", choices=list(export.FORMS), default=["q8"])
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for form in args.form:
        paths = [args.folder / f"tessera-mini-{form}-{part}.gguf" for part in ("text", "mmproj")]
        write(args.weights, *paths, form)
        for path in paths:
            print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
