# SPDX-License-Identifier: Apache-2.0
"""run.py [FOLDER]: tessera-preprocess beside sharp, Pillow and libvips, in one interleaved run.

Prints Markdown. ROUNDS (default 7) is how often each pair of program and picture is measured;
SECTIONS (default all) picks sections by number. FOLDER adds its pictures to the speed and quality tables.
"""

import os
import pathlib
import random
import statistics
import sys

import cost_model
import fidelity
import workers

ROUNDS = int(os.environ.get("ROUNDS", "7"))
SECTIONS = os.environ.get("SECTIONS", "1,2,3,4,5,6").split(",")
INPUTS = workers.ROOT / "build" / "bench" / "preprocess"
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".tif", ".tiff", ".gif"}
PHOTO = INPUTS / "speed" / "12mp-420.jpg"

# Column -> program, variant.
CONTENDERS = {
    "Tessera": ("tessera", "tessera"),
    "decode only": ("tessera", "decode"),
    "libvips": ("thumbnail", "thumbnail"),
    "sharp default": ("sharp", "default"),
    "sharp safe": ("sharp", "safe"),
    "Pillow": ("pillow", "pillow"),
}


def pictures(folder: pathlib.Path) -> list[str]:
    return sorted(str(p) for p in folder.iterdir() if p.suffix.lower() in PICTURES)


def spread(values: list[float], decimals: int = 1) -> str:
    return (
        f"{statistics.median(values):.{decimals}f} "
        f"[{min(values):.{decimals}f}, {max(values):.{decimals}f}]"
    )


def applies(column: str, path: str) -> bool:
    is_jpeg = pathlib.Path(path).suffix.lower() in (".jpg", ".jpeg")
    return is_jpeg or column not in ("decode only", "sharp safe")


def measure(paths: list[str], programs: dict) -> dict:
    """(path, column) -> answers, measured in random order, the first round thrown away."""
    jobs = [(path, column) for path in paths for column in CONTENDERS if applies(column, path)]
    answers: dict = {}
    for round_number in range(ROUNDS + 1):
        random.shuffle(jobs)
        for path, column in jobs:
            program, variant = CONTENDERS[column]
            answer = programs[program].ask(op="once", path=path, variant=variant)
            if round_number > 0 and "error" not in answer:
                answers.setdefault((path, column), []).append(answer)
    return answers


def ratio(answers: dict, path: str, over: str, under: str, field: str) -> str:
    """Median of `over` by median of `under`."""
    if (path, over) not in answers or (path, under) not in answers:
        return "-"
    top, bottom = (
        statistics.median(a[field] for a in answers[path, column]) for column in (over, under)
    )
    return f"{top / bottom:.2f}"


def speed(paths: list[str], programs: dict) -> None:
    answers = measure(paths, programs)
    for field, title in (("cpu_ms", "CPU milliseconds"), ("ms", "Wall-clock milliseconds")):
        print(f"\n{title}, medians [lowest, highest] of {ROUNDS}; the last columns are quotients.\n")
        print(
            "| picture | " + " | ".join(CONTENDERS)
            + " | sharp default / Tessera | sharp safe / Tessera | Pillow / Tessera "
            + "| Tessera / decode only |"
        )
        print("|---" * (len(CONTENDERS) + 5) + "|")
        for path in paths:
            cells = [
                spread([a[field] for a in answers[path, column]])
                if (path, column) in answers
                else "-"
                for column in CONTENDERS
            ]
            pairs = (
                ("sharp default", "Tessera"),
                ("sharp safe", "Tessera"),
                ("Pillow", "Tessera"),
                ("Tessera", "decode only"),
            )
            cells += [ratio(answers, path, *pair, field) for pair in pairs]
            print(f"| {pathlib.Path(path).name} | " + " | ".join(cells) + " |")


def memory(paths: list[str]) -> None:
    """Each in a fresh process, after a small picture has warmed it up."""
    makers = {
        "Tessera": (workers.tessera_worker, "tessera"),
        "libvips": (workers.tessera_worker, "thumbnail"),
        "sharp default": (workers.sharp_worker, "default"),
        "Pillow": (workers.pillow_worker, "pillow"),
    }
    print("\nMiB beyond what the idle process has, at the peak, the file itself not counted.\n")
    print("| picture | " + " | ".join(makers) + " |")
    print("|---" * (len(makers) + 1) + "|")
    small = str(INPUTS / "quality" / "photo-640x480-420.jpg")
    for path in paths:
        cells = []
        for make, variant in makers.values():
            worker = make()
            worker.ask(op="once", path=small, variant=variant)
            worker.ask(op="load", path=path)
            before = worker.memory_mb("VmRSS")
            worker.forget_peak()
            answer = worker.ask(op="once", path=path, variant=variant)
            peak = worker.memory_mb("VmHWM")
            cells.append("-" if "error" in answer else f"{peak - before:.0f}")
            worker.close()
        print(f"| {pathlib.Path(path).name} | " + " | ".join(cells) + " |")


def throughput(programs: dict) -> None:
    rounds = max(3, ROUNDS // 2)
    seconds = 2.0
    photo = str(PHOTO)
    results: dict = {}
    with workers.running_server(threads=2) as client:
        lanes = [
            ("Tessera, in process, 1 thread", programs["tessera"], "tessera", 1),
            ("Tessera, in process, 2 threads", programs["tessera"], "tessera", 2),
            ("Tessera, gRPC, 2 in flight", client, "-", 2),
            ("Tessera, gRPC, 3 in flight", client, "-", 3),
            ("sharp default, 1 in flight", programs["sharp"], "default", 1),
            ("sharp default, 2 in flight", programs["sharp"], "default", 2),
            ("sharp safe, 2 in flight", programs["sharp"], "safe", 2),
        ]
        for round_number in range(rounds + 1):
            random.shuffle(lanes)
            for name, worker, variant, in_flight in lanes:
                answer = worker.ask(
                    op="throughput",
                    path=photo,
                    variant=variant,
                    seconds=seconds,
                    in_flight=in_flight,
                )
                if answer.get("failed"):
                    raise RuntimeError(f"{name}: {answer}")
                if round_number > 0:
                    results.setdefault(name, []).append(answer["per_s"])
    print(f"\n12-megapixel photos per second, medians [lowest, highest] of {rounds} x {seconds:g} s.\n")
    print("| way | pictures/s |\n|---|---|")
    for name in sorted(results):
        print(f"| {name} | {spread(results[name])} |")
    middle = {name: statistics.median(values) for name, values in results.items()}
    grpc = max(middle["Tessera, gRPC, 2 in flight"], middle["Tessera, gRPC, 3 in flight"])
    two = middle["Tessera, in process, 2 threads"]
    print(
        f"\nThrough gRPC: {grpc / middle['sharp default, 2 in flight']:.2f} times sharp default, "
        f"{grpc / middle['sharp safe, 2 in flight']:.2f} times sharp safe, and "
        f"{100 * (1 - grpc / two):+.1f} % of what two threads do in process. From one core to two: "
        f"{two / middle['Tessera, in process, 1 thread']:.2f} times."
    )


def refusals(paths: list[str]) -> None:
    print("\n| file | bytes | refused in ms | MiB beyond the idle process | the answer |")
    print("|---|---|---|---|---|")
    small = str(INPUTS / "quality" / "photo-640x480-420.jpg")
    for path in paths:
        worker = workers.tessera_worker()
        worker.ask(op="once", path=small, variant="tessera")
        worker.ask(op="load", path=path)
        before = worker.memory_mb("VmRSS")
        worker.forget_peak()
        answers = [worker.ask(op="once", path=path, variant="tessera") for _ in range(ROUNDS)]
        peak = worker.memory_mb("VmHWM")
        worker.close()
        times = [a["ms"] for a in answers]
        print(
            f"| {pathlib.Path(path).name} | {pathlib.Path(path).stat().st_size} | "
            f"{spread(times, 2)} | {peak - before:.0f} | {answers[0].get('error', 'accepted')} |"
        )


def main() -> None:
    given = pictures(pathlib.Path(sys.argv[1])) if len(sys.argv) > 1 else []
    programs = {
        "tessera": workers.tessera_worker(),
        "thumbnail": workers.tessera_worker(),
        "sharp": workers.sharp_worker(),
        "pillow": workers.pillow_worker(),
    }
    versions = [programs[name].ask(op="version") for name in ("tessera", "sharp", "pillow")]
    print("Versions: " + ", ".join(f"{k} {v}" for a in versions for k, v in a.items() if "rss" not in k))
    speed_paths = pictures(INPUTS / "speed") + given
    if "1" in SECTIONS:
        print("\n### One picture, in process, one thread")
        speed(speed_paths, programs)
    if "2" in SECTIONS:
        print("\n### What a picture costs\n")
        cost_model.main(INPUTS)
    if "3" in SECTIONS:
        print("\n### Memory of one picture")
        memory(speed_paths)
    if "4" in SECTIONS:
        print("\n### Throughput")
        throughput(programs)
    if "5" in SECTIONS:
        print("\n### Fidelity, dB against Pillow's full decode and Lanczos")
        print("\n" + "\n".join(fidelity.table(pictures(INPUTS / "quality") + given, programs)))
    if "6" in SECTIONS:
        print("\n### Refusing bad pictures")
        refusals(sorted(str(p) for p in (INPUTS / "bad").iterdir()))
    for worker in programs.values():
        worker.close()


if __name__ == "__main__":
    main()
