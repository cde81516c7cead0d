# SPDX-License-Identifier: Apache-2.0
"""Ninety seconds of mixed load on the pair, scraped by a real Prometheus: every panel shows something.

Leaves a page for each board in operations/boards of the build folder, drawn from Prometheus' answers.
"""

import contextlib
import json
import math
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse

import boards
import pair
import panel_pictures
import yaml

SECONDS = 90
SCRAPE_SECONDS = 2
# Four scrapes, as Grafana reckons it.
VALUES = {"__rate_interval": f"{4 * SCRAPE_SECONDS}s", "__interval": f"{SCRAPE_SECONDS}s", "instance": ".+",
          "model": ".+", "reference": "63.83"}  # fmt: skip
# Somewhat like a GPU; answers are short, so that there are many.
ENGINE = ["--rate", 60, "--prefill-rate", 3000, "--load-ms", 500, "--parallel", 4]
FOLDER = pair.SCRATCH / "boards"

# Targets that rightly have nothing to show after this load: board file and panel -> why.
SILENT = {}


class Prometheus(pair.Process):
    def __init__(self, targets: dict):
        """`targets`: job -> ports."""
        self.url = f"http://127.0.0.1:{pair.free_port()}"
        folder = pair.SCRATCH / "prometheus"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        config = yaml.safe_load((pair.ROOT / "deploy/prometheus/prometheus.yml").read_text())
        config["global"] = {"scrape_interval": f"{SCRAPE_SECONDS}s", "scrape_timeout": "1s",
                            "evaluation_interval": f"{SCRAPE_SECONDS}s"}  # fmt: skip
        config["rule_files"] = [str(path) for path in boards.RULE_FILES]
        del config["alerting"]
        for scrape in config["scrape_configs"]:
            ports = targets.get(scrape["job_name"], [int(self.url.rsplit(":", 1)[1])])
            scrape["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
        file = folder / "prometheus.yml"
        file.write_text(yaml.safe_dump(config))
        super().__init__(
            "prometheus",
            ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address={self.url.removeprefix('http://')}"],
        )  # fmt: skip
        pair.wait_until(self._ready, 30, "prometheus is ready")

    def _ready(self):
        with contextlib.suppress(OSError):
            return "Ready" in pair.get(self.url + "/-/ready", 1)
        return False

    def ask(self, expression: str, begin: float | None, end: float) -> list:
        """[(labels, [(time, value)])]; one value without `begin`."""
        if begin is None:
            path, query = "query", {"query": expression, "time": end}
        else:
            path, query = "query_range", {"query": expression, "start": begin, "end": end, "step": SCRAPE_SECONDS}
        answer = json.loads(pair.get(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}", 30))
        return [
            (series["metric"], [(t, float(v)) for t, v in series.get("values") or [series["value"]]])
            for series in answer["data"]["result"]
        ]


def disturb(running: pair.Pair, seconds: float):
    """A backend dies and comes back, then fails in three ways, all within `seconds`."""
    victim = running.simulators[0]
    time.sleep(seconds * 0.3)
    victim.end(signal.SIGKILL)
    time.sleep(seconds * 0.15)
    victim.start()
    time.sleep(seconds * 0.15)
    for fault in ("status:500:trouble", "reset:3", "runner_died:2"):
        victim.script({"answer": f"fault={fault}", "times": 4})
        time.sleep(seconds * 0.4 / 3)


def look(prometheus: Prometheus, begin: float, end: float) -> list:
    """Asks every panel's questions, leaves the pages, and returns what is wrong."""
    problems = []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, board in boards.boards().items():
        # What Grafana offers at first: all of the jobs that the board is about.
        jobs = re.search(r'service=~"([^"]+)"', boards.variables(board)["job"]["definition"])[1]
        values = {**VALUES, "job": f"tessera-{jobs}"}
        answers = {panel["id"]: [] for panel in boards.panels(board)}
        for panel, target in boards.targets(board):
            expression = boards.resolve(target["expr"], values)
            found = prometheus.ask(expression, None if panel["type"] == "stat" else begin, end)
            finite = any(math.isfinite(value) for _, values in found for _, value in values)
            expected = SILENT.get((file, panel["title"])) is None
            if finite != expected:
                why = "shows nothing" if expected else "shows something and is listed as silent"
                problems.append(f"{file}: {panel['title']} ({target['legendFormat']}) {why}: {expression}")
            answers[panel["id"]] += [(target["legendFormat"], labels, values) for labels, values in found]
        (FOLDER / file.replace(".json", ".html")).write_text(panel_pictures.page(board, answers))
    return problems


def photograph():
    """The pages as PNG, where there is a browser."""
    browser = shutil.which("chromium")
    for page in sorted(FOLDER.glob("*.html")) if browser else []:
        width, height = panel_pictures.size(boards.boards()[page.stem + ".json"])
        subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             f"--window-size={width},{height}", f"--screenshot={page.with_suffix('.png')}", page.as_uri()],
            capture_output=True, timeout=120,
        )  # fmt: skip


def main() -> int:
    with contextlib.ExitStack() as stack:
        redis_port = pair.free_port()
        redis = pair.Process("redis", ["redis-server", "--port", redis_port, "--save", "", "--bind", "127.0.0.1"])
        stack.callback(redis.end)
        flags = ["--cache-redis", f"127.0.0.1:{redis_port}"]
        running = stack.enter_context(pair.Pair("boards-", backends=2, simulator_flags=ENGINE, inference_flags=flags))
        prometheus = Prometheus({"tessera-preprocess": [running.preprocess.metrics_port],
                                 "tessera-inference": [running.inference.metrics_port]})  # fmt: skip
        stack.callback(prometheus.end)
        begin = time.time()
        target = f"127.0.0.1:{running.preprocess.port}"
        load = pair.Load(target, "mixed", threads=8, rate=40, name="boards-load", seconds=SECONDS)
        stack.callback(load.end)
        disturb(running, SECONDS)
        report = load.wait()
        time.sleep(2 * SCRAPE_SECONDS)
        problems = look(prometheus, begin, time.time())
    photograph()
    print(f"{report['calls']} calls, {report['ok']} ok")
    print(json.dumps(report["outcomes"], indent=1))
    print("\n".join(problems))
    print(f"pages: {FOLDER.relative_to(pair.ROOT) if FOLDER.is_relative_to(pair.ROOT) else FOLDER}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
