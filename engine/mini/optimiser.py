# SPDX-License-Identifier: Apache-2.0
"""Muon for the matrices within blocks and AdamW for everything else, on one flat gradient."""

from __future__ import annotations

import collections

import torch
import torch.distributed
import torch.nn as nn

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonal(g: torch.Tensor, rounds: int = 5) -> torch.Tensor:
    """A batch of matrices with all singular values moved near 1, by Newton-Schulz in bfloat16."""
    a, b, c = _COEFFICIENTS
    x = g.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        y = x @ x.mT
        x = a * x + (b * y + c * (y @ y)) @ x
    return x.mT if tall else x


class Optimiser:
    """Steps all parameters; a step whose gradient is not finite changes no parameter.

    Every gradient is a view into one buffer, so that clipping, and averaging over several GPUs, is
    one operation each.
    """

    MOMENTUM = 0.95
    DECAY = 0.03

    def __init__(self, named: list[tuple[str, nn.Parameter]], device: str, world: int) -> None:
        self._world = world
        groups = collections.defaultdict(list)
        plain: list[nn.Parameter] = []
        for name, p in named:
            inner = p.ndim == 2 and ("blocks" in name or "text" in name or "fc" in name)
            (groups[tuple(p.shape)] if inner else plain).append(p)
        self._groups = list(groups.values())
        self._momenta = [torch.zeros(len(g), *g[0].shape, device=device) for g in self._groups]
        matrices = [p for p in plain if p.ndim == 2]
        others = [p for p in plain if p.ndim != 2]
        decays = [{"params": matrices, "weight_decay": self.DECAY}]
        decays += [{"params": others, "weight_decay": 0.0}]
        self._adam = torch.optim.AdamW(decays, betas=(0.9, 0.98), fused=device != "cpu")
        everything = [p for _, p in named]
        self._flat = torch.zeros(sum(p.numel() for p in everything), device=device)
        at = 0
        for p in everything:
            p.grad = self._flat[at : at + p.numel()].view_as(p)
            at += p.numel()

    def clear(self) -> None:
        """Before each backward pass."""
        self._flat.zero_()

    @torch.no_grad()
    def step(self, rate: float) -> torch.Tensor:
        """One step; gives 1 on the device when it was skipped, without waiting for it."""
        if self._world > 1:
            torch.distributed.all_reduce(self._flat)
            self._flat /= self._world
        norm = self._flat.norm()
        sound = torch.isfinite(norm)
        self._flat.mul_((1 / norm.clamp(min=1)).nan_to_num(0.0, 0.0, 0.0))
        self._flat.nan_to_num_(0.0, 0.0, 0.0)
        for group in self._adam.param_groups:
            group["lr"] = rate
        bad = (~sound).float()
        if self._flat.is_cuda:
            self._adam.found_inf = bad  # the fused kernel leaves everything as it is then
            self._adam.step()
        elif sound:
            self._adam.step()
        for group, momentum in zip(self._groups, self._momenta):
            g = torch.stack([p.grad for p in group])
            momentum.lerp_(g, (1 - self.MOMENTUM) * sound.float())
            update = orthogonal(g.lerp(momentum, self.MOMENTUM)).float()
            # The scale makes an update as large as AdamW's, so that both share one rate.
            scale = 0.2 * max(g.shape[1:]) ** 0.5
            update.mul_(rate * scale * sound.float())
            shrink = 1 - rate * self.DECAY
            torch._foreach_mul_(group, shrink)
            torch._foreach_sub_(group, list(update.unbind(0)))
        return bad

    def state(self) -> dict:
        """What load() takes."""
        return {"adam": self._adam.state_dict(), "momenta": self._momenta}

    def load(self, kept: dict) -> None:
        """Goes on from state()."""
        self._adam.load_state_dict(kept["adam"])
        for mine, theirs in zip(self._momenta, kept["momenta"]):
            mine.copy_(theirs)
