# SPDX-License-Identifier: Apache-2.0
"""What handing the next request over ahead of its slot is worth, beside the engine itself.

hand_ahead.py [ROUNDS [SECONDS]]: a simulated engine with four slots that reads a model's metadata for
150 ms for each request; as many clients as slots and more; directly, with --hand-ahead=auto and with
never, in turns. Prints a table. TESSERA_BIN: the binaries, build/bin by default.
"""

import contextlib
import json
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "operations"))
import pair  # noqa: E402

SLOTS = 4
CLIENTS = (4, 8, 16)
TOKENS = (64, 16)
WAYS = ("auto", "never")
SIMULATOR = ["--metadata-ms", 150, "--rate", 90, "--prefill-rate", 4000, "--tokens", max(TOKENS),
             "--parallel", SLOTS]  # fmt: skip


def measure(gateway: pair.Service, engine: str, clients: int, tokens: int, seconds: float) -> dict:
    """(through: answers/s, median ms), (directly: the same), one after the other."""
    done = subprocess.run(
        [pair.BIN / "tessera", "--json", "--address", f"127.0.0.1:{gateway.port}", "bench", "load", "--pictures", "0",
         "--model", "llama3.2-custom", "--max-tokens", str(tokens), "--clients", str(clients), "--rates", "1",
         "--seconds", str(seconds), "--ollama-url", engine],
        capture_output=True, text=True, timeout=60 + 20 * seconds, check=True,
    )  # fmt: skip
    samples = json.loads(done.stdout)["suites"][0]["samples"]
    name = f"{clients} clients"

    def values(condition: str, metric: str) -> list:
        return [s["value"] for s in samples if s["condition"] == condition and s["metric"] == metric]

    return {
        way: (values(condition, "answers per second")[0], statistics.median(values(condition, "latency")))
        for way, condition in (("through", name), ("directly", f"{name}, directly"))
    }


def middle(values: list, digits: int = 3) -> str:
    return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}, {max(values):.{digits}f}]"


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5
    results = {}
    with contextlib.ExitStack() as stack:

        def keep(process: pair.Process) -> pair.Process:
            stack.callback(process.end)
            return process

        engine = keep(pair.Simulator("hand_ahead_engine", SIMULATOR))
        gateways = {
            way: keep(pair.start_inference(f"hand_ahead_{way}", [engine.url],
                                           ["--ollama-num-parallel", SLOTS, "--hand-ahead", way]))
            for way in WAYS
        }  # fmt: skip
        for turn in range(rounds):
            for tokens in TOKENS:
                for clients in CLIENTS:
                    for way in WAYS:
                        one = measure(gateways[way], engine.url, clients, tokens, seconds)
                        results.setdefault((tokens, clients, way), []).append(one)
            print(f"round {turn + 1} of {rounds}", file=sys.stderr)
    print(f"{SLOTS} slots, {seconds:g} s a step, {rounds} rounds in turns; medians [lowest, highest round].\n")
    print("| tokens | clients | --hand-ahead | answers/s, through / directly | median latency, through / directly |")
    print("|---|---|---|---|---|")
    for (tokens, clients, way), ones in results.items():
        ratios = [middle([one["through"][i] / one["directly"][i] for one in ones]) for i in (0, 1)]
        print(f"| {tokens} | {clients} | {way} | {ratios[0]} | {ratios[1]} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
