# SPDX-License-Identifier: Apache-2.0
"""The Qwen3-VL architecture as Ollama's own engine computes it, small enough to train in minutes."""

from __future__ import annotations

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import config


def _merge_order(values: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Row-major patches to merge-block order."""
    return values.reshape(rows // 2, 2, columns // 2, 2).permute(0, 2, 1, 3).reshape(-1)


def grid_tables(rows: int, columns: int, device: torch.device) -> tuple[torch.Tensor, ...]:
    """Per patch in merge-block order: indices and weights of the bilinear position embedding, and
    cosine and sine of the rotary angles."""
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    y, x = _merge_order(y, rows, columns), _merge_order(x, rows, columns)
    last = config.GRID - 1
    fy, fx = y.float() * (last / (rows - 1)), x.float() * (last / (columns - 1))
    y0, x0 = fy.long(), fx.long()
    y1, x1 = (y0 + 1).clamp(max=last), (x0 + 1).clamp(max=last)
    dy, dx = fy - y0, fx - x0
    index = torch.stack([y0, y0, y1, y1]) * config.GRID + torch.stack([x0, x1, x0, x1])
    weight = torch.stack([(1 - dy) * (1 - dx), (1 - dy) * dx, dy * (1 - dx), dy * dx])
    half = config.VISION_WIDTH // config.VISION_HEADS // 2
    inverse = config.ROPE_VISION ** (-torch.arange(0, half, 2).float() / half)
    angle = torch.cat([y[:, None].float() * inverse, x[:, None].float() * inverse], 1)
    angle = torch.cat([angle, angle], 1)
    return tuple(t.to(device) for t in (index, weight, angle.cos(), angle.sin()))


def rotate(t: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotary embedding over the last axis, halves paired."""
    a, b = t.chunk(2, -1)
    return t * cos + torch.cat([-b, a], -1) * sin


class VisionBlock(nn.Module):
    """Full attention over the patches, then a GELU feed-forward."""

    def __init__(self) -> None:
        super().__init__()
        width = config.VISION_WIDTH
        self.norm1 = nn.LayerNorm(width, config.EPSILON)
        self.norm2 = nn.LayerNorm(width, config.EPSILON)
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.fc1 = nn.Linear(width, config.VISION_FEED)
        self.fc2 = nn.Linear(config.VISION_FEED, width)

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        batch, count, width = x.shape
        n = self.norm1(x)
        q, k, v = (
            f(n).view(batch, count, config.VISION_HEADS, -1).transpose(1, 2)
            for f in (self.q, self.k, self.v)
        )
        cos, sin = cos.to(q.dtype), sin.to(q.dtype)
        seen = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v)
        x = x + self.o(seen.transpose(1, 2).reshape(batch, count, width))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)), approximate="tanh"))


class Merger(nn.Module):
    """Two by two patches to one token of the text model's width."""

    def __init__(self, shuffled: bool) -> None:
        super().__init__()
        self.shuffled = shuffled
        wide = 4 * config.VISION_WIDTH
        self.norm = nn.LayerNorm(wide if shuffled else config.VISION_WIDTH, config.EPSILON)
        self.fc1 = nn.Linear(wide, config.MERGER_HIDDEN)
        self.fc2 = nn.Linear(config.MERGER_HIDDEN, config.WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shape = (x.shape[0], -1, 4 * config.VISION_WIDTH)
        x = self.norm(x.reshape(shape)) if self.shuffled else self.norm(x).reshape(shape)
        return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


class Vision(nn.Module):
    """Pixels to picture tokens and their deepstack additions."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Linear(3 * config.PATCH**2, config.VISION_WIDTH)
        self.pos = nn.Parameter(torch.randn(config.GRID**2, config.VISION_WIDTH) * 0.02)
        self.blocks = nn.ModuleList(VisionBlock() for _ in range(config.VISION_LAYERS))
        self.merger = Merger(False)
        self.deep = nn.ModuleList(Merger(True) for _ in config.DEEPSTACK)
        self._tables: dict[tuple[int, int], tuple[torch.Tensor, ...]] = {}

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """pixels: N,H,W,3 uint8 with sides that are multiples of 32."""
        batch, height, width, _ = pixels.shape
        rows, columns = height // config.PATCH, width // config.PATCH
        if (rows, columns) not in self._tables:
            self._tables[rows, columns] = grid_tables(rows, columns, pixels.device)
        index, weight, cos, sin = self._tables[rows, columns]
        x = (pixels.float() / 255 - 0.5) / 0.5
        x = x.view(batch, rows // 2, 2, config.PATCH, columns // 2, 2, config.PATCH, 3)
        x = x.permute(0, 1, 4, 2, 5, 7, 3, 6).reshape(batch, rows * columns, -1)
        x = self.patch(x) + (self.pos[index] * weight[..., None]).sum(0)
        deep = []
        for i, block in enumerate(self.blocks):
            x = block(x, cos, sin)
            if i in config.DEEPSTACK:
                deep.append(self.deep[config.DEEPSTACK.index(i)](x))
        return self.merger(x), deep


class RMS(nn.Module):
    """Root-mean-square norm with a learnt scale."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.rms_norm(x.float(), x.shape[-1:], self.weight, config.EPSILON)


class TextBlock(nn.Module):
    """Masked grouped-query attention with normed queries and keys, then a SiLU-gated feed-forward."""

    def __init__(self) -> None:
        super().__init__()
        width = config.WIDTH
        self.norm1, self.norm2 = RMS(width), RMS(width)
        self.qn, self.kn = RMS(config.HEAD), RMS(config.HEAD)
        self.q = nn.Linear(width, config.HEADS * config.HEAD, bias=False)
        self.k = nn.Linear(width, config.KV_HEADS * config.HEAD, bias=False)
        self.v = nn.Linear(width, config.KV_HEADS * config.HEAD, bias=False)
        self.o = nn.Linear(config.HEADS * config.HEAD, width, bias=False)
        self.gate = nn.Linear(width, config.FEED, bias=False)
        self.up = nn.Linear(width, config.FEED, bias=False)
        self.down = nn.Linear(config.FEED, width, bias=False)

    def forward(self, x, cos, sin, mask) -> torch.Tensor:
        batch, count, _ = x.shape
        n = self.norm1(x)
        v = self.v(n).view(batch, count, config.KV_HEADS, -1).transpose(1, 2)
        q = self.qn(self.q(n).view(batch, count, config.HEADS, -1)).transpose(1, 2)
        k = self.kn(self.k(n).view(batch, count, config.KV_HEADS, -1)).transpose(1, 2)
        q, k = rotate(q, cos, sin).to(v.dtype), rotate(k, cos, sin).to(v.dtype)
        k, v = (t.expand(-1, config.HEADS, -1, -1) for t in (k, v))
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.o(seen.transpose(1, 2).reshape(batch, count, -1))
        n = self.norm2(x)
        return x + self.down(F.silu(self.gate(n)) * self.up(n))


class Mini(nn.Module):
    """The whole model. Several questions about the same pictures run side by side after one copy of
    the pictures' tokens: `after` is a packed row, `segment` says which question a token belongs to
    (0 is padding), and a question sees the pictures and itself only."""

    def __init__(self) -> None:
        super().__init__()
        self.vision = Vision()
        # Frozen +-0.5 rows are exact in four bits. The last two are vision start and end.
        signs = torch.randint(
            0, 2, (config.VOCABULARY + 2, config.WIDTH), generator=torch.Generator().manual_seed(3)
        )
        self.register_buffer("embed", signs.float() - 0.5)
        self.text = nn.ModuleList(TextBlock() for _ in range(config.LAYERS))
        self.norm = RMS(config.WIDTH)
        self.head = nn.Parameter(torch.randn(config.VOCABULARY, config.WIDTH) * 0.02)
        half = torch.arange(0, config.HEAD, 2).float()
        axis = torch.zeros(config.HEAD // 2, dtype=torch.long)  # 0 time, 1 height, 2 width
        for i in range(config.HEAD // 2):
            if i % 3 == 1 and i < 3 * config.SECTIONS[1]:
                axis[i] = 1
            elif i % 3 == 2 and i < 3 * config.SECTIONS[2]:
                axis[i] = 2
        self.register_buffer("inverse", config.ROPE_TEXT ** (-half / config.HEAD), False)
        self.register_buffer("axis", axis, False)
        self._initialise()

    def _initialise(self) -> None:
        for name, p in self.named_parameters():
            if p.ndim == 2 and "pos" not in name and name != "head":
                nn.init.normal_(p, std=1 / math.sqrt(p.shape[1]))
            if name.endswith("bias"):
                nn.init.zeros_(p)
        for block in self.text:
            for last in (block.o, block.down):
                nn.init.normal_(last.weight, std=0.3 / math.sqrt(last.weight.shape[1]))
        for block in self.vision.blocks:
            for last in (block.o, block.fc2):
                nn.init.normal_(last.weight, std=0.3 / math.sqrt(last.weight.shape[1]))

    @staticmethod
    def lead_positions(before: int, grids: list[tuple[int, int]]) -> tuple[torch.Tensor, int]:
        """3 x tokens up to the last picture's end mark, and the position of the next token.

        The engine goes on after a picture at its start plus the grid's width, not the longer side.
        """
        parts, p = [torch.arange(before).expand(3, -1)], before
        for rows, columns in grids:
            y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
            start = torch.full((3, 1), p)
            p += 1
            cells = rows * columns
            image = torch.stack([torch.full((cells,), p), p + y.reshape(-1), p + x.reshape(-1)])
            p += columns
            parts += [start, image, torch.full((3, 1), p)]
            p += 1
        return torch.cat(parts, 1), p

    def _angles(self, positions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """positions: 3 x ... -> cosine and sine with the head's width last."""
        chosen = positions.float()[self.axis].movedim(0, -1) * self.inverse
        angle = torch.cat([chosen, chosen], -1)
        return angle.cos(), angle.sin()

    def see(self, pixels: torch.Tensor | None) -> tuple[torch.Tensor | None, list[torch.Tensor]]:
        """B,K,H,W,3 pictures to B, K, tokens, width, and the same for each deepstack level."""
        if pixels is None:
            return None, []
        batch, count = pixels.shape[:2]
        seen, deep = self.vision(pixels.flatten(0, 1))
        return seen.unflatten(0, (batch, count)), [d.unflatten(0, (batch, count)) for d in deep]

    def forward(
        self,
        pixels: torch.Tensor | None,
        before: torch.Tensor,
        after: torch.Tensor,
        segment: torch.Tensor,
        place: torch.Tensor,
        seen: tuple | None = None,
    ) -> torch.Tensor:
        """Hidden states (B x T x WIDTH) of the tokens of `after`, normed; see logits().

        before: ids that come first, the same for the whole batch; after, segment, place: B x T ids,
        question numbers and places within the question.
        """
        batch, asked = after.shape
        images, deep = self.see(pixels) if seen is None else seen
        table = self.embed
        parts = [table[before].expand(batch, -1, -1)]
        grids, spans = [], []
        if images is not None:
            rows, columns = pixels.shape[2] // config.CELL, pixels.shape[3] // config.CELL
            at = len(before)
            for i in range(images.shape[1]):
                start, end = (table[config.VOCABULARY + j].expand(batch, 1, -1) for j in (0, 1))
                parts += [start, images[:, i], end]
                grids.append((rows, columns))
                spans.append(at + 1)
                at += rows * columns + 2
        x = torch.cat([*[p.float() for p in parts], table[after]], 1)
        lead, following = self.lead_positions(len(before), grids)
        lead = lead.to(after.device)
        count = lead.shape[1]
        # Attention with a mask wants a length that is a multiple of 16.
        spare = -(count + asked) % 16
        x = F.pad(x, (0, 0, 0, spare))
        segment, place = F.pad(segment, (0, spare)), F.pad(place, (0, spare))
        length = asked + spare
        positions = torch.cat(
            [lead[:, None].expand(3, batch, -1), (place + following).expand(3, -1, -1)], 2
        )
        cos, sin = (t[:, None] for t in self._angles(positions))
        total = count + length
        owner = torch.cat([segment.new_zeros(batch, count), segment], 1)
        order = torch.arange(total, device=after.device)
        mask = (order[:, None] >= order[None]) & (
            (order < count)[None, None, :] | (owner[:, :, None] == owner[:, None, :])
        )
        mask = mask[:, None]
        for i, block in enumerate(self.text):
            x = block(x, cos, sin, mask)
            if i < len(deep):
                added = torch.zeros_like(x)
                for j, at in enumerate(spans):
                    added[:, at : at + deep[i].shape[2]] = deep[i][:, j].float()
                x = x + added
        return self.norm(x[:, count : count + asked])

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Scores of every token of the vocabulary."""
        return F.linear(hidden.to(self.head.dtype), self.head)
