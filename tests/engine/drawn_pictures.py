# SPDX-License-Identifier: Apache-2.0
"""Simple pictures of the kinds that tessera-mini knows, as PNG files, drawn without a library."""

import struct
import zlib

WHITE, GREY, GRAPHITE = (255, 255, 255), (225, 225, 225), (40, 40, 40)
RED, BLUE = (214, 40, 40), (40, 80, 200)


class Canvas:
    """Pixels by rows; rectangles are half-open, in pixels from the upper left corner."""

    def __init__(self, width, height, background=WHITE):
        self.width, self.height = width, height
        self._rows = [bytearray(bytes(background) * width) for _ in range(height)]

    def rectangle(self, left, top, right, bottom, colour):
        for row in self._rows[top:bottom]:
            row[3 * left:3 * right] = bytes(colour) * (right - left)

    def disc(self, centre_x, centre_y, radius, colour):
        for y in range(centre_y - radius, centre_y + radius):
            half = int((radius ** 2 - (y - centre_y) ** 2) ** 0.5)
            self.rectangle(centre_x - half, y, centre_x + half, y + 1, colour)

    def png(self):
        def chunk(kind, body):
            return (struct.pack(">I", len(body)) + kind + body
                    + struct.pack(">I", zlib.crc32(kind + body)))
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in self._rows))
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)
                + chunk(b"IEND", b""))


def shape():
    """A red disc on light grey."""
    canvas = Canvas(384, 384, GREY)
    canvas.disc(192, 192, 110, RED)
    return canvas.png()


def chart():
    """Seven bars over an axis with grid lines; small dark marks where a reader expects words."""
    canvas = Canvas(512, 384)
    for line in range(6):
        y = 330 - 50 * line
        canvas.rectangle(60, y, 490, y + 1, GREY)
        canvas.rectangle(34, y - 4, 52, y + 4, GRAPHITE)
    for index, height in enumerate((120, 210, 90, 260, 170, 60, 230)):
        left = 75 + 60 * index
        canvas.rectangle(left, 330 - height, left + 40, 330, BLUE)
        canvas.rectangle(left + 6, 338, left + 34, 346, GRAPHITE)
    canvas.rectangle(60, 60, 62, 332, GRAPHITE)
    canvas.rectangle(60, 330, 490, 332, GRAPHITE)
    canvas.rectangle(170, 16, 250, 28, GRAPHITE)
    canvas.rectangle(258, 16, 340, 28, GRAPHITE)
    return canvas.png()


def document():
    """A page: a heading, and lines of words that are only bars."""
    canvas = Canvas(384, 544)
    canvas.rectangle(40, 40, 230, 58, GRAPHITE)
    for line in range(24):
        x, y = 40, 90 + 17 * line
        while x < (220 if line % 6 == 5 else 340):
            length = 14 + (x * 7 + line * 13) % 34
            canvas.rectangle(x, y, min(x + length, 344), y + 6, GRAPHITE)
            x += length + 7
    return canvas.png()
