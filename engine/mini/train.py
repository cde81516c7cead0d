# SPDX-License-Identifier: Apache-2.0
"""Trains tessera-mini on pictures drawn while it runs. Needs a GPU (a CPU does for a smoke test).

A long training may be cut into parts that each cover a piece of one learning-rate schedule:
    train.py --out A --seconds 540 --from 0 --to 0.6 --state state.pt
    train.py --out B --seconds 360 --from 0.6 --to 1 --state state.pt --weights A/weights.npz
On several GPUs of one machine: torchrun --nproc-per-node 2 train.py ...
With --last, only the text decoder learns, from a more even mix of pictures; a CPU does for that.
Steps with a gradient that is not finite are skipped, and weights.npz is rewritten as it goes.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import multiprocessing
import os
import pathlib
import queue
import sys
import threading
import time

import numpy as np
import torch
import torch._dynamo
import torch.distributed
import torch.nn.functional as F

import batches
import check
import hints
import model
import optimiser
import weights

TALK_STEPS = 10  # between two agreements of several GPUs on the time
HINTS_SHARE = 0.5


@dataclasses.dataclass(frozen=True)
class Settings:
    """How much work a step is; the defaults suit one large GPU and 16 cores."""

    patches: int = 98304
    room: int = 130
    pool: int = 160
    workers: int = 15
    peak: float = 1.5e-3
    warm_up: int = 300  # steps


LAST = Settings(patches=8192, pool=48, workers=1, peak=1.5e-4, warm_up=20)
TINY = Settings(patches=1024, room=60, pool=4, workers=1, peak=1e-3)


def loss_of(
    net: model.Mini, hint: hints.Hints | None, b: batches.Batch, choice: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What to descend, then its two parts: mean cross entropy of the learnt tokens of one pack, and
    of the hints."""
    after, segment, place, _, at, wanted = b.packs[choice]
    kind = "cuda" if after.is_cuda else "cpu"
    with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
        seen = b.seen if b.seen is not None else net.see(b.pixels)
        hidden = net(b.pixels, b.before, after, segment, place, seen)
        scores = net.logits(hidden.flatten(0, 1)[at]).float()
    answered = F.cross_entropy(scores, wanted)
    if hint is None or b.spelled is None or not len(b.spelled):
        return answered, answered.detach(), answered.detach() * 0
    told = hint.loss(seen[0].flatten(0, 2)[b.cells], b.spelled)
    return answered + HINTS_SHARE * told, answered.detach(), told.detach()


class Clock:
    """The share of this part that is over, the same on every GPU at the same step."""

    def __init__(self, seconds: float, world: int) -> None:
        self._began, self._seconds, self._world = time.time(), seconds, world
        self._part = torch.zeros(1)
        self._group = torch.distributed.new_group(backend="gloo") if world > 1 else None

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.time() - self._began

    def part(self, step: int) -> float:
        """0 to 1 and more."""
        if self._world == 1 or step % TALK_STEPS == 0:
            self._part[0] = self.seconds / self._seconds
            if self._world > 1:
                torch.distributed.broadcast(self._part, 0, group=self._group)
        return float(self._part[0])


class Supply:
    """Batches on the device: fresh ones as they come, otherwise earlier ones again."""

    def __init__(self, stream: batches.Stream, workers: int, pool: int, device: str) -> None:
        loader = torch.utils.data.DataLoader(
            stream,
            batch_size=None,
            num_workers=workers,
            prefetch_factor=2,
            multiprocessing_context="fork",
        )
        self._loader, self._device = iter(loader), device
        self._gpu = device.startswith("cuda")
        self._fresh: queue.Queue = queue.Queue(8)
        self._pool: collections.deque = collections.deque(maxlen=pool)
        self._rng = np.random.default_rng(5)
        self.made = self.shown = 0

    def start(self) -> None:
        """After CUDA exists; the drawing processes were forked before."""
        threading.Thread(target=self._feed, daemon=True).start()

    def _feed(self) -> None:
        # Copied on a stream of its own, so that no step waits for it.
        side = torch.cuda.Stream(self._device) if self._gpu else None
        try:
            for b in self._loader:
                if side is not None:
                    with torch.cuda.stream(side):
                        b = b.to(self._device)
                    side.synchronize()
                self._fresh.put(b)
        except Exception as error:  # handed to the training loop, which cannot go on without
            self._fresh.put(error)

    def next(self) -> tuple[batches.Batch, int]:
        """A batch and which of its packs to use."""
        if not self._pool or not self._fresh.empty():
            drawn = self._fresh.get()
            if isinstance(drawn, Exception):
                raise drawn
            b, choice = drawn, 0
            if self._gpu:
                b.used_by(torch.cuda.current_stream(self._device))
            self._pool.append(b)
            self.made += b.count
        else:
            b = self._pool[self._rng.integers(len(self._pool))]
            choice = int(self._rng.integers(len(b.packs)))
        self.shown += b.count
        return b, choice


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for weights.npz")
    parser.add_argument("--seconds", type=float, required=True, help="training time of this part")
    parser.add_argument("--from", dest="begin", type=float, default=0.0, help="schedule start 0..1")
    parser.add_argument("--to", dest="end", type=float, default=1.0, help="schedule end 0..1")
    parser.add_argument("--weights", type=pathlib.Path, help="weights.npz or GGUF to go on from")
    parser.add_argument("--state", type=pathlib.Path, help="optimiser state to read and write")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--last", action="store_true", help="the text decoder alone")
    parser.add_argument("--tiny", action="store_true", help="smoke test on a CPU")
    parser.add_argument("--check-seconds", type=float, default=25.0)
    parser.add_argument("--peak", type=float)
    parser.add_argument("--workers", type=int, default=Settings.workers)
    parser.add_argument("--no-compile", action="store_true")
    return parser.parse_args()


def finish(args, net, device: str, checkers, supply: Supply, steps: int, skipped: int) -> None:
    """The score of the result, printed and beside the weights."""
    score = check.check(net, device, checkers, 200 if device != "cpu" else 2, args.check_seconds)
    table = {k: [*v, round(v[0] / v[1], 4)] for k, v in sorted(score.items())}
    report = {"steps": steps, "fresh": supply.made, "shown": supply.shown, "skipped": skipped}
    (args.out / "report.json").write_text(json.dumps({**report, "score": table}, indent=1))
    for task, (right, total, share) in table.items():
        print(f"{task:28s} {right:5d}/{total:5d}  {share:.3f}")


def main() -> None:
    """Trains, saves, scores."""
    args = parse()
    rank, world = int(os.environ.get("LOCAL_RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    gpu = torch.cuda.is_available()
    if not gpu and not args.tiny and not args.last:
        sys.exit("train.py needs a GPU with PyTorch; --tiny runs a smoke test on a CPU")
    s = TINY if args.tiny else LAST if args.last else Settings(workers=args.workers)
    peak = args.peak or s.peak
    args.out.mkdir(parents=True, exist_ok=True)
    # Forked before any thread or CUDA context exists.
    checkers = multiprocessing.get_context("fork").Pool(s.workers) if rank == 0 else None
    small_share = 0.0 if args.weights else max(0.0, (0.2 - args.begin) / (args.end - args.begin))
    small_until = time.time() + args.seconds * small_share
    stream = batches.Stream(
        [args.seed, rank], s.patches, s.room, small_until, "last" if args.last else "long"
    )
    device = f"cuda:{rank}" if gpu else "cpu"
    supply = Supply(stream, s.workers, s.pool, device)
    if gpu:
        torch.cuda.set_device(rank)
    if world > 1:
        torch.distributed.init_process_group("cpu:gloo,cuda:nccl" if gpu else "gloo")
    clock = Clock(args.seconds, world)
    supply.start()
    # cuDNN's attention was in use when a run was lost to NaN; the other backends never showed one.
    torch.backends.cuda.enable_cudnn_sdp(False)
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.manual_seed(0)
    net = (weights.load(args.weights) if args.weights else model.Mini()).to(device)
    hint = None if args.last else hints.Hints().to(device)
    net.vision.requires_grad_(not args.last)
    learning = [*net.named_parameters(), *(hint.named_parameters() if hint else [])]
    learning = [(name, p) for name, p in learning if p.requires_grad]
    steering = optimiser.Optimiser(learning, device, world)
    resumed = bool(args.state and args.state.exists())
    if resumed:
        kept = torch.load(args.state, map_location=device)
        net.load_state_dict(kept["net"])
        if hint:
            hint.load_state_dict(kept["hint"])
        steering.load(kept["optimiser"])
    if gpu and not args.no_compile:
        torch._dynamo.config.suppress_errors = True  # eager is the fallback
        torch._dynamo.config.cache_size_limit = 32
        for block in [*net.text, *net.vision.blocks]:
            block.compile(dynamic=True)
    size = sum(p.numel() for p in net.parameters()) / 1e6
    print(
        f"{size:.2f} M parameters, {world} x {device}, {'resumed' if resumed else 'new'}",
        flush=True,
    )

    steps = skipped = 0
    window: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
    mark = saved = 0.0
    while (part := clock.part(steps)) < 1:
        b, choice = supply.next()
        point = args.begin + (args.end - args.begin) * part
        warm = 1.0 if resumed else min(1.0, (steps + 1) / s.warm_up)
        rate = peak * warm * max(0.005, 1 - point)
        if args.last and b.seen is None and b.pixels is not None:
            with torch.no_grad():
                b.seen = net.see(b.pixels)
        loss, answered, told = loss_of(net, hint, b, choice)
        steering.clear()
        loss.backward()
        bad = steering.step(rate)
        steps += 1
        window.append((answered, told, bad))
        now = clock.seconds
        if rank == 0 and now - mark > (3 if args.tiny else 15):
            losses = torch.stack([torch.stack(w) for w in window]).float().cpu()
            sound = losses[losses[:, 2] == 0]
            skipped += len(losses) - len(sound)
            told = sound[:, 1].sum() / (sound[:, 1] > 0).sum().clamp(min=1)
            print(
                f"{now:5.0f} s  steps {steps}  fresh {supply.made}  shown {supply.shown}  loss "
                f"{sound[:, 0].mean():.4f}  hints {told:.4f}  rate {rate:.1e}  skipped {skipped}",
                flush=True,
            )
            if now - saved > 60 and len(sound):
                weights.save(net, args.out / "weights.npz")
                saved = now
            window, mark = [], now
    if rank == 0:
        weights.save(net, args.out / "weights.npz")
        if args.state:
            kept = {"net": net.state_dict(), "hint": hint.state_dict() if hint else {}}
            torch.save({**kept, "optimiser": steering.state()}, args.state)
        print(f"trained {clock.seconds:.0f} s, {steps} steps, {supply.shown} shown", flush=True)
        finish(args, net, device, checkers, supply, steps, skipped)
        checkers.terminate()
    sys.stdout.flush()
    for child in multiprocessing.active_children():  # the drawing processes never end by themselves
        child.kill()
    os._exit(0)


if __name__ == "__main__":
    main()
