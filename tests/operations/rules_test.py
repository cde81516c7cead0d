# SPDX-License-Identifier: Apache-2.0
"""Recording and alerting rules: well-formed, each alert complete, firing when it should and only then."""

import json
import re
import subprocess
import sys

import yaml
from alert_cases import CASES
from pair import ROOT, SCRATCH

RULES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
BOARDS = {json.loads(path.read_text())["uid"] for path in (ROOT / "deploy/grafana/dashboards").glob("*.json")}


def alerts() -> dict:
    """Name -> rule."""
    return {
        rule["alert"]: rule
        for path in RULES
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def incomplete() -> list:
    problems = []
    index = (ROOT / "docs/runbooks/README.md").read_text()
    for name, rule in alerts().items():
        notes = rule.get("annotations", {})
        for key in ("summary", "description", "runbook_url", "dashboard_url"):
            if not notes.get(key):
                problems.append(f"{name} has no {key}")
        if rule.get("labels", {}).get("severity") not in ("page", "ticket"):
            problems.append(f"{name} has no severity page or ticket")
        if not rule.get("for"):
            problems.append(f"{name} has no for")
        page = ROOT / notes.get("runbook_url", "none")
        if not page.is_file() or f"`{name}`" not in page.read_text():
            problems.append(f"{name}: {notes.get('runbook_url')} is no page about it")
        elif f"`{name}`" not in index:
            problems.append(f"{name} is not in docs/runbooks/README.md")
        if notes.get("dashboard_url", "").removeprefix("/d/") not in BOARDS:
            problems.append(f"{name}: {notes.get('dashboard_url')} is no board of ours")
        if name not in {case[0] for case in CASES}:
            problems.append(f"{name} has no case in alert_cases.py")
    described = set(re.findall(r"`(Tessera\w+)`", index))
    problems += [f"docs/runbooks/README.md tells of {name}, which is no alert" for name in described - set(alerts())]
    return problems


def run(*command) -> list:
    done = subprocess.run(command, capture_output=True, text=True)
    return [] if done.returncode == 0 else [f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}"]


def firing_cases(long: bool) -> list:
    """Runs the cases of hours, or the others, with promtool. Long ones are evaluated less often."""
    tests = []
    for alert, at, firing, quiet in CASES:
        for series, expected in ((firing, 1), (quiet, 0)):
            if at.endswith("h") != long:
                continue
            tests.append(
                {
                    "interval": "1m",
                    "name": f"{alert} {'fires' if expected else 'keeps quiet'}",
                    "input_series": [{"series": name, "values": values} for name, values in series],
                    "promql_expr_test": [
                        {
                            "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)',
                            "eval_time": at,
                            "exp_samples": [{"labels": "{}", "value": expected}],
                        }
                    ],
                }
            )
    SCRATCH.mkdir(parents=True, exist_ok=True)
    file = SCRATCH / f"alerts_test_{'long' if long else 'short'}.yml"
    interval = "5m" if long else "1m"
    rules = [str(path) for path in RULES]
    file.write_text(yaml.safe_dump({"rule_files": rules, "evaluation_interval": interval, "tests": tests}))
    return run("promtool", "test", "rules", file)


def main() -> int:
    problems = incomplete()
    problems += run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULES)
    problems += run("promtool", "check", "config", ROOT / "deploy/prometheus/prometheus.yml")
    problems += firing_cases(long=False) + firing_cases(long=True)
    print("\n".join(problems) or f"{len(alerts())} alerts, {len(CASES)} cases each way")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
