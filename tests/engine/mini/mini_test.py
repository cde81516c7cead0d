# SPDX-License-Identifier: Apache-2.0
"""Tests of what tessera-mini is made of. Needs engine/mini/requirements.txt, no PyTorch, no engine.

python3 -m unittest tests/engine/mini/mini_test.py
"""

from __future__ import annotations

import io
import json
import pathlib
import sys
import tempfile
import unittest

import numpy as np
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "engine" / "mini"))

import config  # noqa: E402
import cases  # noqa: E402
import evaluate  # noqa: E402
import export  # noqa: E402
import gguf  # noqa: E402
import pair  # noqa: E402
import questions  # noqa: E402
import tokenizer  # noqa: E402
from drawing import fonts, pictures, second_style  # noqa: E402
from judge import defects, encodings, files, scenes  # noqa: E402

MODEL = pathlib.Path(__file__).parents[3] / "engine/models/tessera-mini/tessera-mini-q8.gguf"


def _fonts_installed() -> bool:
    try:
        for faces in fonts.FACES.values():
            for face in faces:
                fonts.path_of(face)
    except fonts.MissingFontsError:
        return False
    return True


class TokenizerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.tokenizer = tokenizer.load()

    def test_has_one_token_for_each_row_of_the_head(self) -> None:
        self.assertEqual(len(self.tokenizer.tokens), config.VOCABULARY)

    def test_gives_back_any_text(self) -> None:
        for text in ("What is this?", "Größe: 5 €", "a\r\n\tb  c", "日本 🙂", '{"label": "x"}'):
            self.assertEqual(self.tokenizer.decode(self.tokenizer.encode(text)), text)

    def test_spells_one_token_a_byte(self) -> None:
        self.assertEqual(len(self.tokenizer.spell("INV-20331")), 9)

    def test_keeps_special_tokens_whole(self) -> None:
        self.assertEqual(self.tokenizer.encode("<|im_end|>"), [config.IM_END])


class GgufTest(unittest.TestCase):
    def test_gives_back_what_a_type_can_hold(self) -> None:
        a = np.random.default_rng(1).normal(0, 1, (4, 64)).astype("f4")
        for kind, error in ((gguf.F32, 0), (gguf.F16, 2e-3), (gguf.Q8_0, 2e-2), (gguf.Q4_0, 0.3)):
            with tempfile.TemporaryDirectory() as name:
                path = pathlib.Path(name) / "a.gguf"
                gguf.write(path, [("k", "strs", ["a", "b"]), ("n", "u32", 1)], [("t", a, kind)])
                kept = gguf.read_tensors(path)["t"]
            self.assertEqual(kept.shape, a.shape)
            self.assertLessEqual(float(np.abs(kept - a).max()), error)

    def test_embedding_rows_lose_nothing_in_four_bits(self) -> None:
        signs = np.where(np.random.default_rng(2).random((8, 64)) < 0.5, -0.5, 0.5)
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "a.gguf"
            gguf.write(path, [], [("t", signs, gguf.Q4_0)])
            kept = gguf.read_tensors(path)["t"]
            self.assertLess(float(np.abs(kept - signs).max()), 2e-4)

    def test_the_shipped_file_writes_itself_again(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            again = pathlib.Path(name) / "q8.gguf"
            export.write(MODEL, again, "q8")
            self.assertEqual(again.read_bytes(), MODEL.read_bytes())


class PairTest(unittest.TestCase):
    """The names here are llama.cpp's, written out once more; what the files hold is compared with
    the shipped file."""

    @classmethod
    def setUpClass(cls) -> None:
        with tempfile.TemporaryDirectory() as name:
            paths = [pathlib.Path(name) / part for part in ("text.gguf", "mmproj.gguf")]
            pair.write(MODEL, *paths, "q8")
            (cls.text_keys, cls.text), (cls.keys, cls.projector) = map(gguf.read, paths)
        cls.single_keys, cls.single = gguf.read(MODEL)

    def text_as_in_the_single_file(self) -> dict[str, np.ndarray]:
        words = config.VOCABULARY
        table = np.zeros((config.EMBEDDING_ROWS, config.WIDTH), "f4")
        table[:words] = self.text["token_embd.weight"][:words]
        table[[151652, 151653, 151655]] = self.text["token_embd.weight"][words:]
        return {
            **self.text,
            "token_embd.weight": table,
            "output.weight": self.text["output.weight"][:words],
        }

    def projector_as_in_the_single_file(self) -> dict[str, np.ndarray]:
        left, out = dict(self.projector), {}
        frames = [left.pop("v.patch_embd.weight"), left.pop("v.patch_embd.weight.1")]
        out["v.patch_embed.weight"] = np.stack(frames, 2).reshape(-1, 2, 16, 16)
        out["v.patch_embed.bias"] = left.pop("v.patch_embd.bias")
        out["v.pos_embed.weight"] = left.pop("v.position_embd.weight")
        names = {
            "v.post_ln": "v.merger.norm",
            "mm.0": "v.merger.linear_fc1",
            "mm.2": "v.merger.linear_fc2",
            "v.deepstack.1.norm": "v.deepstack_merger.0.norm",
            "v.deepstack.1.fc1": "v.deepstack_merger.0.linear_fc1",
            "v.deepstack.1.fc2": "v.deepstack_merger.0.linear_fc2",
        }
        for i in range(config.VISION_LAYERS):
            names[f"v.blk.{i}.ln1"] = f"v.blk.{i}.norm1"
            names[f"v.blk.{i}.ln2"] = f"v.blk.{i}.norm2"
            names[f"v.blk.{i}.attn_out"] = f"v.blk.{i}.attn_out"
            names[f"v.blk.{i}.ffn_up"] = f"v.blk.{i}.mlp.linear_fc1"
            names[f"v.blk.{i}.ffn_down"] = f"v.blk.{i}.mlp.linear_fc2"
            for end in ("weight", "bias"):
                parts = np.split(left.pop(f"v.blk.{i}.attn_qkv.{end}"), 3)
                for part, a in zip("qkv", parts):
                    out[f"v.blk.{i}.attn_{part}.{end}"] = a
        for theirs, ours in names.items():
            for end in ("weight", "bias"):
                out[f"{ours}.{end}"] = left.pop(f"{theirs}.{end}")
        self.assertEqual(list(left), [])
        return out

    def test_every_tensor_of_the_single_file_is_in_one_of_the_two(self) -> None:
        text, sight = self.text_as_in_the_single_file(), self.projector_as_in_the_single_file()
        self.assertEqual(set(text) & set(sight), set())
        self.assertEqual(set(text) | set(sight), set(self.single))
        for name, a in {**text, **sight}.items():
            self.assertEqual(a.shape, self.single[name].shape, name)
            self.assertTrue((a == self.single[name]).all(), name)

    def test_text_file_has_one_row_for_each_token(self) -> None:
        tokens = self.text_keys["tokenizer.ggml.tokens"]
        self.assertEqual(tokens[-3:], ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>"])
        self.assertEqual(len(set(tokens)), len(tokens))
        self.assertEqual(self.text_keys["tokenizer.ggml.token_type"][-3:], [3, 3, 3])
        for name in ("token_embd.weight", "output.weight"):
            self.assertEqual(self.text[name].shape, (len(tokens), config.WIDTH), name)

    def test_text_file_differs_from_the_single_one_only_where_llama_cpp_does(self) -> None:
        a = "qwen3vl"
        more = {"general.type", f"{a}.rope.dimension_sections", f"{a}.n_deepstack_layers"}
        gone = {key for key in self.single_keys if ".vision." in key} | {f"{a}.rope.mrope_section"}
        self.assertEqual(set(self.text_keys), set(self.single_keys) - gone | more)
        changed = {"tokenizer.ggml.tokens", "tokenizer.ggml.token_type"}
        for key in set(self.single_keys) - gone - changed:
            self.assertEqual(self.text_keys[key], self.single_keys[key], key)
        self.assertEqual(self.text_keys[f"{a}.rope.dimension_sections"], [24, 20, 20, 0])
        self.assertEqual(self.text_keys[f"{a}.n_deepstack_layers"], 1)

    def test_projector_keys_fit_its_tensors_and_the_text_file(self) -> None:
        k, t = self.keys, self.projector
        self.assertEqual(k["general.architecture"], "clip")
        self.assertEqual(k["general.type"], "mmproj")
        self.assertEqual(k["clip.projector_type"], "qwen3vl_merger")
        self.assertIs(k["clip.has_vision_encoder"], True)
        v = {key.removeprefix("clip.vision."): value for key, value in k.items()}
        width, patch = v["embedding_length"], v["patch_size"]
        self.assertEqual(t["v.patch_embd.weight"].shape, (width, 3, patch, patch))
        cells = (v["image_size"] // patch) ** 2
        self.assertEqual(t["v.position_embd.weight"].shape, (cells, width))
        self.assertEqual(t["v.blk.0.ffn_up.weight"].shape, (v["feed_forward_length"], width))
        self.assertEqual(v["projection_dim"], self.text_keys["qwen3vl.embedding_length"])
        self.assertEqual(t["mm.2.bias"].shape, (v["projection_dim"],))
        self.assertEqual(t["mm.0.weight"].shape[1], width * v["spatial_merge_size"] ** 2)
        deep = v["is_deepstack_layers"]
        self.assertEqual(len(deep), v["block_count"])
        for i, is_deep in enumerate(deep):
            self.assertEqual(f"v.deepstack.{i}.fc2.weight" in t, is_deep)
        self.assertEqual(sum(deep), self.text_keys["qwen3vl.n_deepstack_layers"])


@unittest.skipUnless(_fonts_installed(), f"needs {fonts.DEBIAN_PACKAGES}")
class DrawingTest(unittest.TestCase):
    def test_same_seed_draws_the_same_picture(self) -> None:
        for make, names in (
            (pictures.make, pictures.MAKERS),
            (second_style.make, second_style.MAKERS),
        ):
            for which in names:
                first, facts = make(np.random.default_rng([3, 1]), 288, 256, which)
                second, again = make(np.random.default_rng([3, 1]), 288, 256, which)
                self.assertTrue((first == second).all(), which)
                self.assertEqual(facts, again)
                self.assertEqual(first.shape, (256, 288, 3), which)

    def test_every_question_holds_its_answer_among_its_options(self) -> None:
        rng = np.random.default_rng(4)
        for _ in range(150):
            _, facts = pictures.make(rng, 256, 256)
            exchange = questions.ask(rng, facts)
            self.assertTrue(exchange.text)
            if exchange.form == "json" or exchange.form == "forced":
                json.loads(exchange.text)

    def test_evaluation_asks_the_same_every_time(self) -> None:
        first, second = (cases.cases(1, ["training"]) for _ in range(2))
        self.assertEqual([c.asked for c in first], [c.asked for c in second])
        self.assertEqual([c.files for c in first], [c.files for c in second])


class EvaluateTest(unittest.TestCase):
    def test_interval_holds_the_share_and_stays_within_bounds(self) -> None:
        low, high = evaluate.wilson(96, 96)
        self.assertAlmostEqual(low, 0.9615, 3)
        self.assertLessEqual(high, 1.0 + 1e-9)

    def test_json_must_hold_the_truth(self) -> None:
        q = cases.Question("t", "q", "chart", cases.enum_schema(["chart", "photo"]))
        self.assertTrue(cases.is_right(q, '{"label": "chart"}'))
        self.assertFalse(cases.is_right(q, '{"label": "photo"}'))
        self.assertFalse(cases.is_right(q, '{"label": "cha'))


class JudgePicturesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.keep = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.keep.name)
        cls.judges = files.write(cls.folder)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.keep.cleanup()

    def test_truth_names_every_file(self) -> None:
        kept = json.loads((self.folder / "truth.json").read_text())
        self.assertEqual(len(kept), len(self.judges))
        for row in kept:
            self.assertTrue((self.folder / row["file"]).exists())

    def test_every_orientation_comes_out_like_the_upright_one(self) -> None:
        upright = np.asarray(defects.right(self.folder / "orientation-1-arrow-up.jpg"))
        for number in range(2, 9):
            turned = defects.right(self.folder / f"orientation-{number}-arrow-up.jpg")
            gap = np.abs(np.asarray(turned).astype(int) - upright).mean()
            self.assertLess(gap, 2, number)

    def test_profile_turns_the_stored_colour_red(self) -> None:
        path = self.folder / "rotated-primaries.png"
        middle = lambda im: im.getpixel((im.width // 2, im.height // 2))
        r, g, b = middle(defects.right(path))
        self.assertGreater(r, 2 * max(g, b))
        r, g, b = middle(defects.profile_ignored(path))
        self.assertGreater(g, 2 * max(r, b))

    def test_sixteen_bit_file_holds_the_same_colours(self) -> None:
        im = Image.open(io.BytesIO(encodings.png16(scenes.circle("green"))))
        self.assertEqual(im.convert("RGB").size, (384, 320))


if __name__ == "__main__":
    unittest.main()
