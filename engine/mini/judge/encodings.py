# SPDX-License-Identifier: Apache-2.0
"""File contents that Pillow does not write by itself: 16-bit colour and colour profiles."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from PIL import Image

# D50-adapted primaries.
P3 = [(0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)]
SRGB = [(0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)]


def png16(im: Image.Image) -> bytes:
    """A 16-bit RGB PNG, which Pillow reads but does not write."""
    a = (np.asarray(im.convert("RGB")).astype(">u2") * 257).astype(">u2")
    raw = b"".join(b"\0" + row.tobytes() for row in a)

    def chunk(tag: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    head = struct.pack(">IIBBBBB", im.width, im.height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 6)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def icc_profile(
    name: str, primaries: list[tuple[float, float, float]], gamma: float = 2.2
) -> bytes:
    """A matrix profile (version 2) with these D50 primaries."""
    fixed = lambda v: struct.pack(">i", round(v * 65536))
    xyz = lambda t: b"XYZ \0\0\0\0" + b"".join(map(fixed, t))
    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * (12 + 67)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = [
        (b"desc", description),
        (b"cprt", b"text\0\0\0\0CC0\0"),
        (b"wtpt", xyz((0.9642, 1, 0.8249))),
    ]
    tags += [(k, xyz(p)) for k, p in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries)]
    tags += [(k, curve) for k in (b"rTRC", b"gTRC", b"bTRC")]
    table, bodies, at = b"", b"", 128 + 4 + 12 * len(tags)
    for key, body in tags:
        table += key + struct.pack(">II", at + len(bodies), len(body))
        bodies += body + b"\0" * (-len(body) % 4)
    size = at + len(bodies)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += fixed(0.9642) + fixed(1) + fixed(0.8249)
    head += b"\0" * (128 - len(head))
    return head + struct.pack(">I", len(tags)) + table + bodies
