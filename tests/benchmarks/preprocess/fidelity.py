# SPDX-License-Identifier: Apache-2.0
"""How close each program comes to Pillow's full decode and Lanczos, in dB."""

import json
import pathlib
import statistics
import tempfile

import numpy
from PIL import Image

import workers


def pixels(path) -> numpy.ndarray:
    with Image.open(path) as picture:
        return numpy.asarray(picture.convert("RGB"), dtype=numpy.float64)


def psnr(a: numpy.ndarray, b: numpy.ndarray) -> float:
    error = numpy.mean((a - b) ** 2)
    return 99.0 if error == 0 else float(10 * numpy.log10(255**2 / error))


class Judge:
    """Results are compared at the size that each program chose: rounding a side is not an error."""

    def __init__(self, folder: pathlib.Path, pillow: workers.Worker):
        self.folder, self.pillow = folder, pillow
        self.references: dict = {}

    def judge(self, worker: workers.Worker, path: str, **request) -> float:
        out = str(self.folder / "out.png")
        answer = worker.ask(path=path, save=out, **request)
        if "error" in answer:
            raise RuntimeError(f"{path}: {answer['error']}")
        result = pixels(out)
        size = (result.shape[1], result.shape[0])
        if (path, size) not in self.references:
            reference = str(self.folder / "reference.png")
            self.pillow.ask(op="once", path=path, size=size, save=reference)
            self.references = {(path, size): pixels(reference)}
        return psnr(result, self.references[path, size])


COLUMNS = {
    "Tessera": ("tessera", "tessera"),
    "sharp default": ("sharp", "default"),
    "sharp safe": ("sharp", "safe"),
    "libvips": ("thumbnail", "thumbnail"),
}


def table(paths: list[str], programs: dict) -> list[str]:
    """Markdown: pixels as each program hands them over, and as sent (JPEG q92 4:4:4)."""
    lines = [
        "| picture | " + " | ".join(f"{name} pixels" for name in COLUMNS)
        + " | " + " | ".join(f"{name} sent" for name in COLUMNS) + " |",
        "|---" * (1 + 2 * len(COLUMNS)) + "|",
    ]
    found: dict = {name: {"pixels": [], "jpeg": []} for name in COLUMNS}
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(pathlib.Path(folder), programs["pillow"])
        for path in paths:
            cells = []
            for sink in ("pixels", "jpeg"):
                for name, (program, variant) in COLUMNS.items():
                    value = judge.judge(
                        programs[program], path, op="once", variant=variant, sink=sink
                    )
                    found[name][sink].append(value)
                    cells.append(f"{value:.2f}")
            lines.append(f"| {pathlib.Path(path).stem} | " + " | ".join(cells) + " |")
    medians = [
        f"{statistics.median(found[name][sink]):.2f}" for sink in ("pixels", "jpeg") for name in COLUMNS
    ]
    lines.append("| **median** | " + " | ".join(medians) + " |")
    return lines + ["", verdict(found)]


def verdict(found: dict) -> str:
    gaps = {
        sink: min(o - s for o, s in zip(found["Tessera"][sink], found["sharp safe"][sink]))
        for sink in ("pixels", "jpeg")
    }
    return (
        f"Against sharp's safe mode on the same picture, at worst: pixels {gaps['pixels']:+.2f} dB, "
        f"as sent {gaps['jpeg']:+.2f} dB (contract: -0.10). Median of the pixels: "
        f"{statistics.median(found['Tessera']['pixels']):.2f} dB (contract: 53)."
    )


if __name__ == "__main__":
    raise SystemExit("started by run.py: " + json.dumps(list(COLUMNS)))
