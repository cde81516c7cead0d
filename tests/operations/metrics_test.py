# SPDX-License-Identifier: Apache-2.0
"""The metrics of the running pair: well-formed, described in docs/metrics.md, there from the start,
bounded, cheap, and each one used by a board or an alert or exempt for a reason.

metrics_test.py --write: writes docs/metrics.md anew.
"""

import difflib
import re
import statistics
import subprocess
import sys
import time

import boards
import exposition
import pair

PAGE = pair.ROOT / "docs/metrics.md"
MOST_SERIES = 2000
# CPU time: the wall clock of a busy machine says nothing about the service.
DEAREST_SCRAPE_MS = 10
# Values that come from a deployment, or are listed where they are made.
OPEN_LABELS = {"backend", "experiment", "gen_ai_request_model", "grpc_method", "grpc_service", "version", "service"}
MOST_VALUES = 14

# Exported, and on no board: why they are worth their series.
EXEMPT = {
    "exposer_request_latencies": "what the metrics endpoint tells of itself",
    "exposer_scrapes_total": "what the metrics endpoint tells of itself",
    "exposer_transferred_bytes_total": "what the metrics endpoint tells of itself",
    "tessera_inference_output_tokens_per_second": "one request's speed, for a quick look; the boards show the mean over "
    "time, which one short answer does not distort",
    **{
        f"tessera_inference_experiment_{name}_total": "models on trial; `tessera experiments` shows them"
        for name in ("failed", "output_tokens", "requests", "seconds", "shadows")
    },
    "grpc_server_started_total": "boards that operators have for other gRPC services ask for it",
}
# They count what the service does of its own accord.
BEFORE_REQUESTS = {"tessera_inference_upstream_requests_total", "tessera_inference_kept_model_loads_total"}

INTRODUCTION = """# Metrics

Both services answer `GET /metrics` on `--metrics-listen`. `make test-operations` compares this page with what the binaries say; `python3 tests/operations/metrics_test.py --write` writes it.

Every series that is not a model's exists, with value 0, before the first request; so do those of the models that the configuration names. Labels are bounded: methods and codes are known beforehand, models beyond those of the engines share `other`, callers are no label. Histograms have bounds at the objectives: `le="2.5"` for first tokens, `le="0.25"` for pictures.

*used by*: a board in deploy/grafana, the rules in deploy/prometheus, the scaling in deploy/kubernetes; or why it is exported all the same.
"""


def load(target: str, mix: str, seconds: float, threads: int = 4) -> dict:
    return pair.Load(target, mix, threads=threads, name=f"metrics-{mix}", seconds=seconds).wait()


def complaints_of_promtool(name: str, text: str) -> list:
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    return [f"promtool about {name}: {line}" for line in (done.stdout + done.stderr).splitlines()]


def unit(family: exposition.Family) -> str:
    for suffix, name in (("_bytes", "bytes"), ("_seconds", "seconds"), ("_ratio", "ratio"), ("_pixels", "pixels")):
        if re.sub("_total$", "", family.name).endswith(suffix):
            return name
    if family.name.endswith("_tokens_per_second"):
        return "tokens/s"
    return ""


def labels(family: exposition.Family) -> str:
    found = []
    for label, values in sorted(family.label_values().items()):
        if label in OPEN_LABELS or label == "grpc_code" or label == "grpc_type":
            found.append(f"`{label}`")
        elif len(values) > MOST_VALUES:
            found.append(f"`{label}` ({len(values)} values)")
        else:
            found.append(f"`{label}`: " + ", ".join(sorted(values, key=lambda v: (len(v), v))))
    return "; ".join(found)


def users(name: str, used: dict) -> str:
    places = set()
    for asked, where in used.items():
        if asked == name or re.sub(r"_(bucket|sum|count)$", "", asked) == name:
            places |= {place.split(":")[0].removesuffix(".json").split(" ")[0] for place in where}
    found = [place for place in ("overview", "preprocess", "inference", "backends") if place in places]
    found += [word for place, word in (("rule", "rules"), ("scaling", "scaling")) if place in places]
    return ", ".join(found) or EXEMPT.get(name, "")


def page(families: dict) -> str:
    """`families`: service -> its families."""
    used = boards.used_metrics()
    text = INTRODUCTION
    both = set.intersection(*(set(found) for found in families.values()))
    sections = [("Both services", {name: families["preprocess"][name] for name in sorted(both)})]
    for service in ("preprocess", "inference"):
        own = {name: found for name, found in sorted(families[service].items()) if name not in both}
        sections.append((f"tessera-{service}", own))
    for title, found in sections:
        text += f"\n## {title}\n\n| metric | type | unit | labels | meaning | used by |\n|---|---|---|---|---|---|\n"
        for name, family in found.items():
            text += (
                f"| `{name}` | {family.type} | {unit(family)} | {labels(family)} | {family.help} | "
                f"{users(name, used)} |\n"
            )
    return text


def check_page(families: dict) -> list:
    old, new = PAGE.read_text() if PAGE.exists() else "", page(families)
    difference = difflib.unified_diff(old.splitlines(), new.splitlines(), "docs/metrics.md", "the binaries", "", "", 0)
    return list(difference)


def check_names(families: dict) -> list:
    """Whatever a board or rule names is exported, with the label values it names, and vice versa."""
    problems = []
    everything = {}
    for found in families.values():
        everything.update(found)
    used = boards.used_metrics()
    known = set()
    for name, where in used.items():
        family = boards.family_of(name, everything)
        known.add(family)
        if family is None:
            problems.append(f"{name} is not exported; {', '.join(sorted(where))}")
    for name in set(everything) - known - set(EXEMPT):
        problems.append(f"{name} is exported and neither used nor exempt")
    for name in set(EXEMPT) & known:
        problems.append(f"{name} is exempt and used")
    return problems + check_labels(everything)


def check_labels(everything: dict) -> list:
    """`name{label="value"}` in an expression: such a series exists before the first request."""
    problems = []
    expressions = [(target["expr"]) for board in boards.boards().values() for _, target in boards.targets(board)]
    expressions += [rule["expr"] for rule in boards.rules()]
    for expression in expressions:
        for name, chosen in re.findall(r"\b([a-z_0-9]+)\{([^}]*)\}", expression):
            family = boards.family_of(name, everything)
            if family is None:
                continue
            for label, value in re.findall(r'(\w+)="([^"]*)"', chosen):
                if label in ("job", "instance"):
                    continue
                values = {sample[1].get(label) for sample in everything[family].samples}
                if value not in values:
                    problems.append(f'{name} has no series with {label}="{value}"')
    return problems


def check_zero(families: dict) -> list:
    """Nothing has been asked of the pair yet."""
    problems = []
    for service, found in families.items():
        for family in found.values():
            if not family.samples:
                problems.append(f"{service}: {family.name} has no series before the first request")
            if family.name in BEFORE_REQUESTS or family.name.startswith(("exposer_", "process_")):
                continue
            if family.type in ("counter", "histogram"):
                for name, chosen, value in family.samples:
                    # Health checks and reflection are `other`.
                    if value and chosen.get("grpc_method") != "other":
                        problems.append(f"{service}: {name}{chosen} is {value} before the first request")
    return problems


def scrape_cost(service: pair.Service) -> tuple:
    """Milliseconds of a scrape (the fastest tenth, which others on the machine did not slow down; the
    median), and the process's CPU milliseconds for one."""
    def cpu() -> float:
        return exposition.parse(service.metrics())["process_cpu_seconds_total"].samples[0][2]

    url = f"http://127.0.0.1:{service.metrics_port}/metrics"
    rounds, times, before = 100, [], cpu()
    for _ in range(rounds):
        begin = time.perf_counter()
        pair.get(url)
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.quantiles(times, n=10)[0], statistics.median(times), (cpu() - before) * 1000 / rounds


def models(text: str) -> int:
    return len(set(re.findall(r'gen_ai_request_model="([^"]*)"', text)) - {"other"})


def main() -> int:
    problems = []
    # So rare that none is drawn: its series are what is looked at.
    trial = ["--experiment", "trial:shadow:llama3.2-custom=qwen3-vl:4b:0.000001"]
    with pair.Pair("metrics-", inference_flags=trial) as running:
        services = {"preprocess": running.preprocess, "inference": running.inference}
        pair.wait_until(
            lambda: "tessera_inference_engine_up 1" in running.inference.metrics(), 10, "the engine is seen"
        )
        start = {name: exposition.parse(service.metrics()) for name, service in services.items()}
        if "--write" in sys.argv:
            PAGE.write_text(page(start))
        problems += check_zero(start) + check_names(start) + check_page(start)
        load(f"127.0.0.1:{running.preprocess.port}", "mixed", 4)
        known = {name: exposition.series(exposition.parse(s.metrics())) for name, s in services.items()}
        hostile = load(f"127.0.0.1:{running.preprocess.port}", "hostile", 3)
        for name, service in services.items():
            text = service.metrics()
            problems += complaints_of_promtool(name, text)
            series = exposition.series(exposition.parse(text))
            milliseconds, median, cpu = scrape_cost(service)
            print(f"{name}: {len(start[name])} metrics, {series} series of {models(text)} models, "
                  f"{len(text) / 1024:.0f} KiB, scrape {milliseconds:.1f} ms (median {median:.1f}), "
                  f"{cpu:.1f} ms of CPU")  # fmt: skip
            if series >= MOST_SERIES:
                problems.append(f"{name} has {series} series, {MOST_SERIES} are allowed")
            # The `other` of a family that saw none before.
            if series > known[name] * 1.1:
                problems.append(f"{name}: {series} series after hostile names, {known[name]} before")
            if cpu > DEAREST_SCRAPE_MS:
                problems.append(f"{name}: a scrape takes {cpu:.1f} ms of CPU")
        print(f"{hostile['calls']} calls with invented models, clients and methods")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
