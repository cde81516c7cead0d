# SPDX-License-Identifier: Apache-2.0
"""Asks a running Ollama about pictures with known contents and prints how many answers are right.

    evaluate.py --url http://127.0.0.1:11434 --model tessera-mini

Pictures come from seeds that training never used, in the training style and in a second style that
training never saw. With --against, other models (say the F16 form) or "torch" (with --weights)
answer the same questions, and the shares of equal answers are printed. Needs no GPU.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
import pathlib
import sys

import numpy as np

import answerers
import cases


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    z, p = 1.96, right / total
    middle = p + z * z / (2 * total)
    spread = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    low, high = (middle - spread) / (1 + z * z / total), (middle + spread) / (1 + z * z / total)
    return max(0.0, low), min(1.0, high)


def _content(said: str) -> str:
    """The answer without the blanks that JSON leaves free."""
    try:
        return json.dumps(json.loads(said))
    except ValueError:
        return said


class Tally:
    """Right answers by task and style, and agreement with other answerers."""

    def __init__(self) -> None:
        self.rows: list[dict] = []
        self._first: list[float] = []
        self._equal: dict[tuple[str, str], list[int]] = collections.defaultdict(lambda: [0, 0])

    def add(self, case: cases.Case, q: cases.Question, said: str, seconds: float) -> dict:
        """Notes an answer; the row it gives may take others' answers."""
        row = {"task": q.task, "style": case.style, "asked": q.text, "truth": q.truth, "said": said}
        row |= {"right": cases.is_right(q, said), "schema": bool(q.schema), "seconds": seconds}
        if case.files and (not self.rows or self.rows[-1].get("case") != id(case)):
            self._first.append(seconds)
        row["case"] = id(case)
        self.rows.append(row)
        return row

    def compare(self, row: dict, name: str, theirs: str) -> None:
        """Notes what another one answered to the same."""
        row.setdefault("others", {})[name] = theirs
        entry = self._equal[name, "schema" if row["schema"] else "plain"]
        entry[0] += _content(theirs) == _content(row["said"])
        entry[1] += 1

    @staticmethod
    def _line(name: str, style: str, rows: list[dict]) -> str:
        right, total = sum(r["right"] for r in rows), len(rows)
        low, high = wilson(right, total)
        share = right / total if total else 0.0
        return f"| {name} | {style} | {right}/{total} | {share:.3f} | {low:.3f}-{high:.3f} |"

    def table(self) -> str:
        """Markdown: a row for each task and style, then printed text by length."""
        out = ["| task | style | right | share | 95 % interval |", "|---|---|---|---|---|"]
        for task, style in sorted({(r["task"], r["style"]) for r in self.rows}):
            chosen = [r for r in self.rows if (r["task"], r["style"]) == (task, style)]
            out.append(self._line(task, style, chosen))
        read = [r for r in self.rows if r["task"].startswith("read")]
        for name, low, high in (
            ("all", 1, 99),
            ("to 4", 1, 4),
            ("5 to 12", 5, 12),
            ("13 to 22", 13, 99),
        ):
            for style in sorted({r["style"] for r in read}):
                chosen = [r for r in read if r["style"] == style and low <= len(r["truth"]) <= high]
                if chosen:
                    out.append(self._line(f"*read, {name} characters*", style, chosen))
        return "\n".join(out)

    def remarks(self) -> str:
        """What the table does not hold."""
        plain = [r["said"] for r in self.rows if not r["schema"]]
        leaks = sum(said.startswith(("{", "[")) for said in plain)
        out = [f"JSON nobody asked for: {leaks} of {len(plain)} plain answers"]
        if self._first:
            middle, worst = np.median(self._first), max(self._first)
            out.append(
                f"first question about a picture: median {middle:.2f} s, worst {worst:.2f} s"
            )
        for (name, form), (equal, total) in sorted(self._equal.items()):
            out.append(f"equal to {name}, {form}: {equal} of {total} answers")
        return "\n".join(out)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:11434")
    parser.add_argument("--model", default="tessera-mini")
    parser.add_argument("--pictures", type=int, default=20, help="pictures of a kind and style")
    parser.add_argument("--styles", nargs="+", default=["training", "second"])
    parser.add_argument(
        "--against", nargs="*", default=[], help='models of that Ollama, or "torch"'
    )
    parser.add_argument(
        "--weights", type=pathlib.Path, help="weights.npz or GGUF for --against torch"
    )
    parser.add_argument(
        "--threads", type=int, help="engine threads; 1 is fastest on a busy machine"
    )
    parser.add_argument("--tasks", help="only tasks whose name begins with one of these, by comma")
    parser.add_argument("--json", type=pathlib.Path, help="writes every answer here")
    parser.add_argument("--wrong", type=int, default=0, help="prints that many wrong answers")
    args = parser.parse_args()
    if "torch" in args.against and not args.weights:
        parser.error("--against torch needs --weights")
    return args


def main() -> None:
    """Command line."""
    args = _arguments()
    answerer = lambda name: (
        answerers.TorchModel(args.weights)
        if name == "torch"
        else answerers.OllamaModel(args.url, name, args.threads)
    )
    model, others = answerer(args.model), [answerer(name) for name in args.against]
    for why in filter(None, (m.missing() for m in (model, *others))):
        sys.exit(f"evaluate.py: {why}")
    tasks = tuple(args.tasks.split(",")) if args.tasks else ("",)
    drawn = cases.cases(args.pictures, args.styles)
    tally = Tally()
    for n, case in enumerate(drawn):
        if n % 25 == 0:
            print(f"{n} of {len(drawn)} pictures", file=sys.stderr, flush=True)
        for q in [q for q in case.asked if q.task.startswith(tasks)]:
            row = tally.add(case, q, *model.ask(case.files, q))
            for other in others:
                theirs, _ = other.ask(case.files, q)
                if theirs:
                    tally.compare(row, other.name, theirs)
        if args.json:
            args.json.write_text(json.dumps(tally.rows, indent=0))
    print(tally.table())
    print(f"\n{tally.remarks()}")
    facts = model.facts()
    print(f"Ollama {facts['version']}, model in memory: {facts['bytes'] / 1e6:.1f} MB")
    for row in [r for r in tally.rows if not r["right"]][: args.wrong]:
        print(f"  {row['style']} {row['task']}: {row['truth']!r} -> {row['said'][:70]!r}")


if __name__ == "__main__":
    main()
