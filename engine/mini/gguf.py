# SPDX-License-Identifier: Apache-2.0
"""Writes GGUF files: typed key-value pairs, then tensors packed in four of GGML's types."""

from __future__ import annotations

import pathlib
import struct

import numpy as np

F32, F16, Q4_0, Q8_0 = 0, 1, 2, 8
ALIGNMENT = 32

KeyValue = tuple[str, str, object]
Tensor = tuple[str, np.ndarray, int]


def _text(s: str) -> bytes:
    raw = s.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(kind: str, v) -> bytes:
    if kind == "u32":
        return struct.pack("<II", 4, v)
    if kind == "f32":
        return struct.pack("<If", 6, v)
    if kind == "bool":
        return struct.pack("<IB", 7, v)
    if kind == "str":
        return struct.pack("<I", 8) + _text(v)
    if kind == "strs":
        return struct.pack("<IIQ", 9, 8, len(v)) + b"".join(map(_text, v))
    if kind == "i32s":
        return struct.pack("<IIQ", 9, 5, len(v)) + np.asarray(v, "<i4").tobytes()
    if kind == "f32s":
        return struct.pack("<IIQ", 9, 6, len(v)) + np.asarray(v, "<f4").tobytes()
    if kind == "bools":
        return struct.pack("<IIQ", 9, 7, len(v)) + bytes(int(x) for x in v)
    raise ValueError(f"no such value type: {kind}")


def _inverse(scale: np.ndarray) -> np.ndarray:
    wide = scale.astype("f4")
    return np.where(wide != 0, 1 / np.where(wide != 0, wide, 1), 0)


def _nibbles(blocks: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.clip(np.floor(blocks * _inverse(scale)[:, None] + 8.5), 0, 15).astype("u1")


def quantise(a: np.ndarray, kind: int) -> bytes:
    """A row-major array as bytes of one type. Zero blocks become zero bytes, which pack to nothing."""
    a = np.ascontiguousarray(a, "f4")
    if kind == F32:
        return a.tobytes()
    if kind == F16:
        return a.astype("f2").tobytes()
    blocks = a.reshape(-1, 32)
    if kind == Q8_0:
        scale = (np.abs(blocks).max(1) / 127).astype("f2")
        q = np.clip(np.rint(blocks * _inverse(scale)[:, None]), -127, 127).astype("i1")
        out = np.zeros((len(blocks), 34), "u1")
        out[:, :2] = scale.view("u1").reshape(-1, 2)
        out[:, 2:] = q.view("u1")
        return out.tobytes()
    if kind == Q4_0:  # value = scale * (nibble - 8)
        peak = blocks[np.arange(len(blocks)), np.abs(blocks).argmax(1)]
        # The signed peak at nibble 0 uses all 16 steps; both peaks at 1 and 15 suit even blocks.
        scales = [(peak / -8).astype("f2"), (np.abs(peak) / 7).astype("f2")]
        tries = [_nibbles(blocks, scale) for scale in scales]
        errors = [
            ((scale.astype("f4")[:, None] * (q.astype("f4") - 8) - blocks) ** 2).sum(1)
            for scale, q in zip(scales, tries)
        ]
        even = errors[1] < errors[0]
        scale = np.where(even, scales[1], scales[0])
        q = np.where(even[:, None], tries[1], tries[0])
        q[scale == 0] = 0
        out = np.zeros((len(blocks), 18), "u1")
        out[:, :2] = scale.view("u1").reshape(-1, 2)
        out[:, 2:] = q[:, :16] | (q[:, 16:] << 4)
        return out.tobytes()
    raise ValueError(f"no such tensor type: {kind}")


def _restore(raw: bytes, kind: int, shape: tuple[int, ...]) -> np.ndarray:
    if kind == F32:
        return np.frombuffer(raw, "<f4").reshape(shape)
    if kind == F16:
        return np.frombuffer(raw, "<f2").astype("f4").reshape(shape)
    size = 34 if kind == Q8_0 else 18
    blocks = np.frombuffer(raw, "u1").reshape(-1, size)
    scale = blocks[:, :2].copy().view("<f2").astype("f4")
    if kind == Q8_0:
        q = blocks[:, 2:].view("i1").astype("f4")
    else:
        q = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], 1).astype("f4") - 8
    return (q * scale).reshape(shape)


def _bytes_of(kind: int, count: int) -> int:
    return {F32: count * 4, F16: count * 2, Q8_0: count // 32 * 34, Q4_0: count // 32 * 18}[kind]


def rounded(a: np.ndarray, kind: int) -> np.ndarray:
    """The floats that a file gives back for these when it holds them as that type."""
    return _restore(quantise(a, kind), kind, a.shape)


def read_tensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Every tensor of a file that write() wrote, as floats."""
    return read(path)[1]


def read(path: pathlib.Path) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    """Every key's value and every tensor, as floats, of a file that write() wrote."""
    raw = path.read_bytes()
    at = 4

    def take(form: str):
        nonlocal at
        got = struct.unpack_from("<" + form, raw, at)
        at += struct.calcsize("<" + form)
        return got[0]

    def text() -> str:
        nonlocal at
        size = take("Q")
        at += size
        return raw[at - size : at].decode()

    def value(kind: int) -> object:
        if kind == 8:
            return text()
        if kind == 9:
            inner, count = take("I"), take("Q")
            return [value(inner) for _ in range(count)]
        return take({4: "I", 5: "i", 6: "f", 7: "?"}[kind])

    take("I")
    tensors, keys = take("Q"), take("Q")
    pairs = {}
    for _ in range(keys):
        key = text()
        pairs[key] = value(take("I"))
    infos = []
    for _ in range(tensors):
        name, rank = text(), take("I")
        dims = [take("Q") for _ in range(rank)]
        infos.append((name, tuple(dims[::-1]), take("I"), take("Q")))
    start = at + -at % ALIGNMENT
    out = {}
    for name, shape, kind, offset in infos:
        size = _bytes_of(kind, int(np.prod(shape)))
        out[name] = _restore(raw[start + offset : start + offset + size], kind, shape)
    return pairs, out


def write(path: pathlib.Path, pairs: list[KeyValue], tensors: list[Tensor]) -> None:
    """Writes one file; a tensor's dimensions are listed innermost first, as GGUF wants them."""
    infos, bodies, offset = b"", [], 0
    for name, a, kind in tensors:
        dims = a.shape[::-1]
        body = quantise(a, kind)
        infos += _text(name) + struct.pack(f"<I{len(dims)}Q", len(dims), *dims)
        infos += struct.pack("<IQ", kind, offset)
        body += b"\0" * (-len(body) % ALIGNMENT)
        offset += len(body)
        bodies.append(body)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs))
    head += b"".join(_text(k) + _value(t, v) for k, t, v in pairs) + infos
    with open(path, "wb") as f:
        f.write(head + b"\0" * (-len(head) % ALIGNMENT))
        for body in bodies:
            f.write(body)
