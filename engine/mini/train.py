# SPDX-License-Identifier: Apache-2.0
"""Trains tessera-mini on pictures drawn while it runs. Needs a GPU (a CPU does for a smoke test).

A long training may be cut into parts that each cover a piece of one learning-rate schedule:
    train.py --out A --seconds 540 --from 0 --to 0.4
    train.py --out B --seconds 540 --from 0.4 --to 1 --start A/weights.npz
Steps with a gradient that is not finite are skipped, and weights.npz is rewritten as it goes.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import math
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
import torch.nn.functional as F

import batches
import export
import model
import questions
import tokenizer
from drawing import pictures

WARM_UP_STEPS = 300
CHECK_SEED = 999


@dataclasses.dataclass(frozen=True)
class Settings:
    """How much work a step is; the defaults suit one large GPU and 16 cores."""

    patches: int = 131072
    asked: int = 5
    pool: int = 160
    workers: int = 15
    peak: float = 1.5e-3


TINY = Settings(patches=1024, asked=2, pool=4, workers=1, peak=1e-3)


def save(net: model.Mini, path: pathlib.Path) -> None:
    """Weights as numpy arrays, matrices in half precision; never leaves a half-written file."""
    arrays = {
        k: v.detach().float().cpu().numpy().astype("f2" if v.ndim == 2 else "f4")
        for k, v in net.state_dict().items()
    }
    partial = path.with_suffix(".part.npz")
    np.savez(partial, **arrays)
    partial.replace(path)


def load(path: pathlib.Path) -> model.Mini:
    """A model with the weights of a file that save() or export.write() wrote."""
    net, kept = model.Mini(), export.load(path)
    net.load_state_dict({k: torch.from_numpy(kept[k].astype("f4")) for k in net.state_dict()})
    return net


def loss_of(net: model.Mini, b: batches.Batch, choice: int) -> torch.Tensor:
    """Mean cross entropy of the learnt tokens of one pack."""
    after, segment, place, want = b.packs[choice]
    kind = "cuda" if after.is_cuda else "cpu"
    with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
        hidden = net(b.pixels, b.before, after, segment, place)
        learnt = want != -100
        scores = net.logits(hidden[learnt])
    return F.cross_entropy(scores.float(), want[learnt])


class Pace:
    """Compiles the blocks after a while, and takes that back when training is not faster for it."""

    MEASURED_SECONDS = 20.0

    def __init__(self, net: model.Mini, compile_after: float | None) -> None:
        self._blocks = [*net.text, *net.vision.blocks]
        self._at, self._stage = compile_after, 0
        self._since = self._from = self._eager = 0.0

    def _rate(self, now: float, shown: int) -> float:
        return (shown - self._from) / (now - self._since)

    def _mark(self, now: float, shown: int) -> None:
        self._since, self._from = now, shown
        self._stage += 1

    def tick(self, now: float, after_pictures: int) -> None:
        """Called after each step with the seconds since the start and the pictures shown."""
        shown = after_pictures
        if self._at is None or self._stage > 4:
            return
        if self._stage == 0 and now > self._at:
            self._mark(now, shown)
        elif self._stage == 1 and now - self._since > self.MEASURED_SECONDS:
            self._eager = self._rate(now, shown)
            torch._dynamo.config.suppress_errors = True  # eager is the fallback
            torch._dynamo.config.cache_size_limit = 32
            for block in self._blocks:
                block.compile(dynamic=True)
            self._mark(now, shown)
        elif self._stage == 2 and shown - self._from > 30_000:  # compiled by now
            print(f"compiling took {now - self._since:.0f} s", flush=True)
            self._mark(now, shown)
        elif self._stage == 3 and now - self._since > self.MEASURED_SECONDS:
            rate = self._rate(now, shown)
            print(f"pictures a second: {self._eager:.0f} eager, {rate:.0f} compiled", flush=True)
            if rate < self._eager:
                for block in self._blocks:
                    block._compiled_call_impl = None
            self._mark(now, shown)
            self._stage = 5


def to_device(b: batches.Batch, device: str) -> batches.Batch:
    """The batch on the device."""
    move = lambda t: None if t is None else t.to(device, non_blocking=True)
    return batches.Batch(
        move(b.pixels), move(b.before), [tuple(move(t) for t in pack) for pack in b.packs]
    )


def _held_out(index: int) -> tuple[batches.Batch, list[list[questions.Exchange]]]:
    """Pictures and questions of seeds that training never uses."""
    torch.set_num_threads(1)
    rng, t = np.random.default_rng([CHECK_SEED, index]), tokenizer.load()
    width, height = batches.side_lengths(rng, False)
    count = max(1, 16384 // (width * height // 256)) if torch.cuda.is_available() else 2
    pixels, rows, asked = np.empty((count, 1, height, width, 3), np.uint8), [], []
    for i in range(count):
        pixels[i, 0], facts = pictures.make_seen(rng, width, height)
        asked.append([questions.ask(rng, facts) for _ in range(6)])
        rows.append([batches.row_ids(t, [e]) for e in asked[-1]])
    before = torch.tensor(batches.before_ids(t, None))
    return batches.Batch(torch.from_numpy(pixels), before, [batches.pack(rows)]), asked


def check(net: model.Mini, device: str, pool, count: int, seconds: float) -> dict[str, list[int]]:
    """Right answers (every learnt token the likeliest) and answers by task and form."""
    net.eval()
    score: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    wrong: collections.Counter = collections.Counter()
    t, start = tokenizer.load(), time.time()
    for b, asked in pool.imap(_held_out, range(count)):
        b = to_device(b, device)
        after, segment, place, want = b.packs[0]
        kind = "cuda" if after.is_cuda else "cpu"
        with torch.no_grad(), torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
            said = net.logits(net(b.pixels, b.before, after, segment, place)).argmax(-1)
        right = ((said == want) | (want == -100)).cpu()
        said, segment, want = said.cpu(), segment.cpu(), want.cpu()
        for r, exchanges in enumerate(asked):
            for n, e in enumerate(exchanges, 1):
                mine = segment[r] == n
                ok = bool(right[r][mine].all())
                entry = score[f"{e.task} {e.form}"]
                entry[0] += ok
                entry[1] += 1
                if not ok and e.form == "plain":
                    answer = t.decode(said[r][mine & (want[r] != -100)].tolist())
                    wrong[e.task, e.text[:40], answer[:40]] += 1
        if time.time() - start > seconds:
            break
    for (task, truth, answer), n in wrong.most_common(60):
        print(f"  wrong {n}x {task}: {truth!r} -> {answer!r}")
    return dict(score)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for weights.npz")
    parser.add_argument("--seconds", type=float, required=True, help="training time of this part")
    parser.add_argument("--from", dest="begin", type=float, default=0.0, help="schedule start 0..1")
    parser.add_argument("--to", dest="end", type=float, default=1.0, help="schedule end 0..1")
    parser.add_argument("--start", type=pathlib.Path, help="weights.npz to go on from")
    parser.add_argument("--state", type=pathlib.Path, help="optimiser state to read and write")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--tiny", action="store_true", help="smoke test on a CPU")
    parser.add_argument("--check-seconds", type=float, default=25.0)
    parser.add_argument("--peak", type=float, default=Settings.peak)
    parser.add_argument("--compile-after", type=float, help="compile the blocks at that second")
    parser.add_argument("--workers", type=int, default=Settings.workers)
    args = parser.parse_args()

    began = time.time()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu" and not args.tiny:
        sys.exit("train.py needs a GPU with PyTorch; --tiny runs a smoke test on a CPU")
    s = TINY if args.tiny else Settings(peak=args.peak, workers=args.workers)
    args.out.mkdir(parents=True, exist_ok=True)
    # Forked before any thread or CUDA context exists.
    checkers = multiprocessing.get_context("fork").Pool(s.workers)
    small_until = began + args.seconds * max(0.0, (0.2 - args.begin) / (args.end - args.begin))
    stream = batches.Stream(args.seed, s.patches, s.asked, small_until)
    loader = iter(
        torch.utils.data.DataLoader(
            stream,
            batch_size=None,
            num_workers=s.workers,
            prefetch_factor=2,
            multiprocessing_context="fork",
        )
    )
    # cuDNN's attention was in use when a run was lost to NaN; the other backends never showed one.
    torch.backends.cuda.enable_cudnn_sdp(False)
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.manual_seed(0)
    net = (load(args.start) if args.start else model.Mini()).to(device)
    matrices = [p for p in net.parameters() if p.ndim == 2]
    others = [p for p in net.parameters() if p.ndim != 2]
    groups = [{"params": matrices, "weight_decay": 0.03}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=s.peak, betas=(0.9, 0.98), fused=device == "cuda")
    resumed = False
    if args.state and args.state.exists():
        kept = torch.load(args.state, map_location=device)
        net.load_state_dict(kept["net"])
        optimiser.load_state_dict(kept["optimiser"])
        resumed = True
    size = sum(p.numel() for p in net.parameters()) / 1e6
    print(
        f"{size:.2f} M parameters on {device}, optimiser {'resumed' if resumed else 'new'}",
        flush=True,
    )

    fresh: queue.Queue = queue.Queue(8)

    def feed() -> None:
        try:
            for b in loader:
                fresh.put(b)
        except Exception as error:  # handed to the training loop, which cannot go on without
            fresh.put(error)

    threading.Thread(target=feed, daemon=True).start()
    pool: collections.deque = collections.deque(maxlen=s.pool)
    rng = np.random.default_rng(args.seed)
    made = shown = steps = skipped = 0
    window: list[torch.Tensor] = []
    bad: list[torch.Tensor] = []
    pace = Pace(net, args.compile_after)
    mark = saved = began
    while (part := (time.time() - began) / args.seconds) < 1:
        if not pool or not fresh.empty():
            drawn = fresh.get()
            if isinstance(drawn, Exception):
                raise drawn
            b = to_device(drawn, device)
            pool.append(b)
            made += 1 if b.pixels is None else b.pixels.shape[0]
            choice = 0
        else:
            b = pool[rng.integers(len(pool))]
            choice = int(rng.integers(len(b.packs)))
        point = args.begin + (args.end - args.begin) * part
        warm = 1.0 if resumed else min(1.0, (steps + 1) / WARM_UP_STEPS)
        rate = s.peak * warm * (0.49 * (1 + math.cos(math.pi * point)) + 0.02)
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = loss_of(net, b, choice)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        if device == "cuda":
            # The fused optimiser leaves everything as it is where found_inf is set, without a wait.
            optimiser.found_inf = (~torch.isfinite(norm)).float()
            bad.append(optimiser.found_inf)
            optimiser.step()
        elif math.isfinite(norm.item()):
            optimiser.step()
        else:
            skipped += 1
        steps += 1
        shown += 1 if b.pixels is None else b.pixels.shape[0]
        window.append(loss.detach())
        now = time.time()
        pace.tick(now - began, after_pictures=shown)
        if now - mark > (15 if device == "cuda" else 5):
            losses = torch.stack(window)
            mean = losses[torch.isfinite(losses)].mean().item()
            skipped += int(torch.stack(bad).sum()) if bad else 0
            bad = []
            memory = torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else 0
            print(
                f"{now - began:5.0f} s  steps {steps}  fresh {made}  shown {shown}  "
                f"loss {mean:.4f}  rate {rate:.1e}  skipped {skipped}  {memory:.0f} GiB",
                flush=True,
            )
            window, mark = [], now
            if now - saved > 60 and math.isfinite(mean):
                save(net, args.out / "weights.npz")
                saved = now
    save(net, args.out / "weights.npz")
    if args.state:
        kept = {"net": net.state_dict(), "optimiser": optimiser.state_dict()}
        torch.save(kept, args.state)
    print(
        f"trained {time.time() - began:.0f} s, {steps} steps, {made} fresh, {shown} shown",
        flush=True,
    )
    score = check(net, device, checkers, 200 if device == "cuda" else 3, args.check_seconds)
    table = {k: [*v, round(v[0] / v[1], 4)] for k, v in sorted(score.items())}
    report = {"steps": steps, "fresh": made, "shown": shown, "skipped": skipped, "score": table}
    (args.out / "report.json").write_text(json.dumps(report, indent=1))
    for task, (right, total, share) in table.items():
        print(f"{task:28s} {right:5d}/{total:5d}  {share:.3f}")
    sys.stdout.flush()
    checkers.terminate()
    for child in multiprocessing.active_children():  # the drawing processes never end by themselves
        child.kill()
    os._exit(0)


if __name__ == "__main__":
    main()
