# SPDX-License-Identifier: Apache-2.0
"""One 12-megapixel JPEG to the same model in the same run: straight to Ollama, and through the pair.

Prints, for each way, the wall clock, the engine's prefill and decode time, and what is left: the
time around the model. The ways take turns. Needs build/bin and starts everything else itself.

    around_the_model.py [ROUNDS]
"""

import base64
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/bin"
QUESTION = "What kind of picture is this? Options: document, photo, chart, shape."


def start_engine() -> dict[str, str]:
    """Settings of a running engine, as engine/engine prints them."""
    out = subprocess.run([ROOT / "engine/engine", "start"], check=True, stdout=subprocess.PIPE, text=True)
    return dict(line.split("=", 1) for line in out.stdout.splitlines())


def start_service(*command: str) -> tuple[subprocess.Popen, int]:
    """A service on a free port; returns it and the port that its log names."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        entry = json.loads(line)
        if entry["message"] == "serving":
            return process, entry["port"]
    raise SystemExit(f"{command[0]} did not start")


def seconds(duration: str) -> float:
    """A protobuf JSON duration, "1.5s"."""
    return float(duration.removesuffix("s") or 0)


def direct(url: str, model: str, picture: bytes) -> dict[str, float]:
    """The untouched file to /api/chat."""
    body = {
        "model": model,
        "stream": False,
        "messages": [{"role": "user", "content": QUESTION, "images": [base64.b64encode(picture).decode()]}],
    }
    request = urllib.request.Request(url + "/api/chat", json.dumps(body).encode())
    start = time.monotonic()
    reply = json.load(urllib.request.urlopen(request, timeout=300))
    wall = time.monotonic() - start
    return {
        "wall": wall,
        "prefill": reply.get("prompt_eval_duration", 0) / 1e9,
        "decode": reply.get("eval_duration", 0) / 1e9,
        "tokens": reply["prompt_eval_count"],
    }


def through_the_pair(address: str, path: pathlib.Path) -> dict[str, float]:
    """The same file through the front door, by the command line; its start is measured apart."""
    command = [BIN / "tessera", "--address", address, "--json", "generate", QUESTION, "--picture", path]
    start = time.monotonic()
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    wall = time.monotonic() - start
    reply = json.loads(out.splitlines()[-1])
    completion = reply["completion"]
    timings = completion["timings"]
    return {
        "wall": wall,
        "prefill": seconds(timings.get("enginePrefill", timings.get("engine_prefill", "0s"))),
        "decode": seconds(timings.get("engineDecode", timings.get("engine_decode", "0s"))),
        "preprocess": seconds(timings.get("preprocess", "0s")),
        "tokens": completion["usage"].get("promptTokens", completion["usage"].get("prompt_tokens")),
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    engine = start_engine()
    model = engine["VISION_MODEL"]
    scratch = ROOT / "build/bench"
    scratch.mkdir(parents=True, exist_ok=True)
    inference, inference_port = start_service(
        str(BIN / "tessera-inference"), "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0",
        "--ollama-url", engine["OLLAMA_URL"], "--vision-model", model, "--text-model", engine["TEXT_MODEL"],
    )  # fmt: skip
    preprocess, front_port = start_service(
        str(BIN / "tessera-preprocess"), "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0",
        "--inference-address", f"127.0.0.1:{inference_port}",
    )  # fmt: skip
    rows: dict[str, list[dict[str, float]]] = {"directly": [], "through the pair": []}
    try:
        time.sleep(0.5)
        for round_number in range(rounds + 1):
            # Another picture each round, or the engine would answer from its picture cache.
            path = scratch / f"photo-{round_number}.jpg"
            subprocess.run([BIN / "sample-picture", "photo", path, "4032", "3024", str(round_number + 1)], check=True)
            sample = direct(engine["OLLAMA_URL"], model, path.read_bytes())
            pair = through_the_pair(f"127.0.0.1:{front_port}", path)
            if round_number > 0:  # The first round warms up.
                rows["directly"].append(sample)
                rows["through the pair"].append(pair)
            path.unlink()
    finally:
        for process in (preprocess, inference):
            process.send_signal(signal.SIGTERM)
            process.wait(40)
    print(f"\n12-megapixel JPEG to {model}, {rounds} rounds in turns; seconds; medians [lowest, highest].\n")
    print("| way | wall clock | prefill | decode | around the model | prompt tokens |")
    print("|---|---|---|---|---|---|")
    around = {}
    for way, samples in rows.items():
        left = [s["wall"] - s["prefill"] - s["decode"] for s in samples]
        around[way] = statistics.median(left)
        cells = [
            f"{statistics.median(values):.3f} [{min(values):.3f}, {max(values):.3f}]"
            for values in (
                [s["wall"] for s in samples],
                [s["prefill"] for s in samples],
                [s["decode"] for s in samples],
                left,
            )
        ]
        print(f"| {way} | {' | '.join(cells)} | {statistics.median([s['tokens'] for s in samples]):.0f} |")
    print(f"\nAround the model: {around['directly'] / around['through the pair']:.1f} times less through the pair.")
    prepared = statistics.median([s["preprocess"] for s in rows["through the pair"]])
    print(f"Of it, preparing the picture took {prepared:.3f} s; starting the command line is included.")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
