# SPDX-License-Identifier: Apache-2.0
"""Weights between files and the model."""

from __future__ import annotations

import pathlib

import numpy as np
import torch

import export
import model


def save(net: model.Mini, path: pathlib.Path) -> None:
    """Weights as numpy arrays, matrices in half precision; never leaves a half-written file."""
    arrays = {
        k: v.detach().float().cpu().numpy().astype("f2" if v.ndim == 2 else "f4")
        for k, v in net.state_dict().items()
    }
    partial = path.with_suffix(".part.npz")
    np.savez(partial, **arrays)
    partial.replace(path)


def _grown(kept: torch.Tensor, fresh: torch.Tensor, inward: bool) -> torch.Tensor:
    """kept within a larger tensor. New neurons start as drawn and, by their zero outgoing weights,
    change no answer."""
    out = torch.zeros_like(fresh) if inward or fresh.ndim == 1 else fresh.clone()
    out[tuple(slice(0, n) for n in kept.shape)] = kept
    return out


def load(path: pathlib.Path) -> model.Mini:
    """A model with the weights of a file that save() or export.write() wrote. Feed-forward layers of
    that file may be narrower than config's."""
    net, kept = model.Mini(), export.load(path)
    state = {}
    for name, fresh in net.state_dict().items():
        told = torch.from_numpy(kept[name].astype("f4"))
        if told.shape != fresh.shape:
            told = _grown(told, fresh, "fc2" in name)
        state[name] = told
    net.load_state_dict(state)
    return net
