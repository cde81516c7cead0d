# SPDX-License-Identifier: Apache-2.0
"""tensor_speed.py [SIDE]: 8-bit RGB pixels to normalised float planes, on one thread, in turns.

Tessera's writer and a plain copy of as many bytes (tessera-picture-worker), NumPy, and torch where
this Python has it. ROUNDS (default 200) is how often each is timed.
"""

import os
import statistics
import sys
import time

import numpy
import workers

ROUNDS = int(os.environ.get("ROUNDS", "200"))
MEAN, STD = 0.5, 0.5


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def main() -> None:
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 768
    pixels = numpy.random.default_rng(1).integers(0, 256, (side, side, 3), numpy.uint8)
    planes = numpy.empty((3, side, side), numpy.float32)
    mean, std = numpy.float32(MEAN), numpy.float32(STD)

    def plain() -> None:
        values = (pixels.astype(numpy.float32) / numpy.float32(255) - mean) / std
        numpy.ascontiguousarray(values.transpose(2, 0, 1))

    def in_place() -> None:
        for channel in range(3):
            numpy.multiply(pixels[..., channel], numpy.float32(1 / 127.5), out=planes[channel])
            numpy.subtract(planes[channel], numpy.float32(1), out=planes[channel])

    ways = {"numpy, as written in the formula": plain, "numpy, in place": in_place}
    try:
        import torch

        torch.set_num_threads(1)
        given = torch.from_numpy(pixels)
        ways[f"torch {torch.__version__}"] = lambda: (
            given.permute(2, 0, 1).contiguous().float().div_(255).sub_(MEAN).div_(STD)
        )
    except ImportError:
        pass

    worker = workers.tessera_worker()
    times: dict = {}
    for round_number in range(ROUNDS + 3):
        answer = worker.ask(op="tensor", side=side)
        found = {"Tessera": answer["write_ms"], "a copy of as many bytes": answer["copy_ms"]}
        found |= {name: timed(work) for name, work in ways.items()}
        for name, value in found.items():
            if round_number >= 3:
                times.setdefault(name, []).append(value)
    worker.close()
    megabytes = side * side * 3 * 5 / 1e6
    print(f"{side}x{side}, medians [10 %, 90 %] of {ROUNDS}, one thread.\n")
    print("| way | ms | GB/s read and written | times Tessera |")
    print("|---|---|---|---|")
    ours = statistics.median(times["Tessera"])
    for name, values in sorted(times.items(), key=lambda item: statistics.median(item[1])):
        middle = statistics.median(values)
        low, *_, high = statistics.quantiles(values, n=10)
        moved = megabytes * (1.6 if "copy" in name else 1)
        print(
            f"| {name} | {middle:.2f} [{low:.2f}, {high:.2f}] | {moved / middle:.1f} "
            f"| {middle / ours:.2f} |"
        )


if __name__ == "__main__":
    main()
