# SPDX-License-Identifier: Apache-2.0
"""Everything a deployment sees, at a bounded rate, while engines fail now and then: does a service
keep growing?

pair_soak_test.py [SECONDS [RATE]]: 20 s at 20 calls a second by default; `make soak` for twenty minutes.

Memory is judged after the first quarter and only where the run is long enough to say something; what
the answer cache holds is bounded by --cache-mib and told apart.
"""

import collections
import dataclasses
import pathlib
import re
import statistics
import sys
import time

import exposition
import pair

LONG_ENOUGH_SECONDS = 1000
MOST_MIB_PER_HOUR = 30
MOST_MORE_DESCRIPTORS = 40
SECONDS_BETWEEN_FAULTS = 10
FAULTS = ("status:500:trouble", "reset:3", "runner_died:2", "reset:head", "truncated")


@dataclasses.dataclass
class Look:
    """A process at one moment."""

    seconds: float
    resident_mib: float
    descriptors: int
    threads: int
    cache_mib: float = 0


def look(service: pair.Service, seconds: float) -> Look:
    status = pathlib.Path(f"/proc/{service.pid}/status").read_text()
    cache = exposition.parse(service.metrics()).get("tessera_inference_cache_bytes")
    return Look(
        seconds,
        int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024,
        len(list(pathlib.Path(f"/proc/{service.pid}/fd").iterdir())),
        int(re.search(r"Threads:\s+(\d+)", status)[1]),
        cache.samples[0][2] / 2**20 if cache else 0,
    )


def mib_per_hour(looks: list, value) -> float:
    """Least squares."""
    slope, _ = statistics.linear_regression([one.seconds for one in looks], [value(one) for one in looks])
    return slope * 3600


def soak(seconds: float, rate: float) -> tuple:
    """What the load generator tells, and the looks at each service."""
    looks = collections.defaultdict(list)
    with pair.Pair("soak_", backends=2, simulator_flags=["--rate", 200, "--metadata-ms", 20]) as running:
        load = pair.Load(f"127.0.0.1:{running.preprocess.port}", "mixed", threads=8, rate=rate,
                         name="soak_load", seconds=seconds)  # fmt: skip
        begin = time.monotonic()
        next_fault = SECONDS_BETWEEN_FAULTS
        next_line = 0.0
        faults = 0
        print("minute: resident MiB (open descriptors, threads), and of it the answer cache")
        while load.running():
            now = time.monotonic() - begin
            for service in (running.preprocess, running.inference):
                looks[service.name].append(look(service, now))
            if now >= next_fault:
                victim = running.simulators[faults % 2]
                victim.script({"answer": f"fault={FAULTS[faults % len(FAULTS)]}", "times": 2})
                faults += 1
                next_fault += SECONDS_BETWEEN_FAULTS
            if now >= next_line:
                show(now, looks)
                next_line += 60
            time.sleep(1)
        report = load.report()
        for service in (running.preprocess, running.inference):
            looks[service.name].append(look(service, time.monotonic() - begin))
    show(seconds, looks)
    return report, looks, faults


def show(now: float, looks: dict):
    parts = [
        f"{name.removeprefix('soak_')} {one[-1].resident_mib:.1f} ({one[-1].descriptors}, {one[-1].threads})"
        for name, one in looks.items()
    ]
    print(f"{now / 60:6.1f}: {'  '.join(parts)}  cache {looks['soak_inference'][-1].cache_mib:.2f}", flush=True)


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    report, looks, faults = soak(seconds, rate)
    problems = []
    print(f"{report['calls']} calls, {report['ok']} ok, {faults} times an engine failed twice")
    for kind, outcomes in sorted(report["outcomes"].items()):
        print(f"  {kind}: " + ", ".join(f"{outcome} {count}" for outcome, count in outcomes.items()))
        if any(outcome.startswith(("INTERNAL", "UNKNOWN")) and "ENGINE_" not in outcome for outcome in outcomes):
            problems.append(f"{kind} ended with an error of our own")
    for name, all_of_them in looks.items():
        settled = [one for one in all_of_them if one.seconds >= seconds / 4]
        growth = mib_per_hour(settled, lambda one: one.resident_mib)
        cache = mib_per_hour(settled, lambda one: one.cache_mib)
        print(f"{name.removeprefix('soak_')}: {growth:+.1f} MiB an hour, {cache:+.1f} of it the answer cache")
        if seconds >= LONG_ENOUGH_SECONDS and growth - cache > MOST_MIB_PER_HOUR:
            problems.append(f"{name} grows by {growth - cache:.1f} MiB an hour")
        if settled[-1].descriptors - settled[0].descriptors > MOST_MORE_DESCRIPTORS:
            problems.append(f"{name} had {settled[0].descriptors} descriptors open, then {settled[-1].descriptors}")
    if report["calls"] < 0.8 * seconds * rate:
        problems.append(f"only {report['calls']} calls in {seconds} s")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
