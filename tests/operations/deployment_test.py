# SPDX-License-Identifier: Apache-2.0
"""The deployment files, without a container engine: their linters, what Compose and kustomize make of
them, and what must hold between them.

deployment_test.py [--full]: without it only what needs no tools built from Go.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

import yaml
from pair import ROOT, SCRATCH

NODE = ROOT / "build/tools"
GO = ROOT / "build/tools/bin"
SCHEMAS = ROOT / "build/tools/schemas"
OURS = ("preprocess", "inference")
OVERLAYS = ("base", "overlays/gpu", "overlays/observability")
GPU = ["--file", "docker-compose.yml", "--file", "deploy/compose.gpu.yaml"]


def run(*command, environment: dict | None = None) -> tuple:
    """(output, problems)"""
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    said = f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}"
    return done.stdout, [said] if done.returncode else []


def seconds(text: str) -> float:
    factors = {"h": 3600, "m": 60, "s": 1}
    return sum(float(number) * factors[unit] for number, unit in re.findall(r"([\d.]+)([hms])", text))


def values_of_env() -> dict:
    lines = (ROOT / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def linters() -> list:
    problems = []
    problems += run(NODE / "dclint/node_modules/.bin/dclint", "--max-warnings", "0", "docker-compose.yml",
                    "deploy/compose.gpu.yaml")[1]  # fmt: skip
    problems += run(NODE / "dockerfilelint/node_modules/.bin/dockerfilelint", "Dockerfile")[1]
    problems += run("promtool", "check", "config", "deploy/prometheus/prometheus.yml")[1]
    problems += run(sys.executable, "-B", "deploy/kubernetes/components/observability/build.py", "--check")[1]
    return problems


def every_value_is_used_once() -> list:
    """.env says each thing once, and says nothing that nobody asks for."""
    files = [ROOT / "docker-compose.yml", ROOT / "deploy/compose.gpu.yaml"]
    asked = set(re.findall(r"\$\{(\w+)\}", "".join(path.read_text() for path in files)))
    told = set(values_of_env()) - {"COMPOSE_FILE"}
    problems = [f".env does not say {name}" for name in asked - told]
    return problems + [f".env says {name}, which nobody asks for" for name in told - asked]


def compose(flags: list) -> list:
    """As docker compose understands it."""
    text, problems = run(GO / "docker-compose", *flags, "--profile", "*", "config", "--format", "json")
    if problems:
        return problems
    return checks_of_compose(json.loads(text)["services"], json.loads(text)["networks"])


def checks_of_compose(services: dict, networks: dict) -> list:
    problems = []
    for name, service in services.items():
        if not service.get("read_only"):
            problems.append(f"{name} may write to its image")
        if service.get("cap_drop") != ["ALL"] or "no-new-privileges:true" not in service.get("security_opt", []):
            problems.append(f"{name} keeps privileges")
        if not service.get("mem_limit") or not service.get("pids_limit"):
            problems.append(f"{name} has no limit of memory or processes")
        if service.get("user", "0").split(":")[0] == "0" and name != "model-pull":
            problems.append(f"{name} runs as root")
        if not service.get("healthcheck") and name != "model-pull":
            problems.append(f"{name} has no health check")
        if service["image"].endswith(":latest") or ":" not in service["image"]:
            problems.append(f"{name} has no fixed version")
        for port in service.get("ports", []):
            if port.get("host_ip") != "127.0.0.1":
                problems.append(f"{name} listens on {port.get('host_ip')} by default")
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_started":
                problems.append(f"{name} does not wait for {other} to be well")
    if services["ollama"].get("ports") or list(services["ollama"]["networks"]) != ["engine"]:
        problems.append("ollama can be reached past inference")
    if not networks["engine"].get("internal"):
        problems.append("ollama's network leads outside")
    for name in OURS:
        drain = services[name]["environment"][f"TESSERA_{name.upper()}_DRAIN_TIMEOUT"]
        # The farewell before the drain, five seconds at most, is within it.
        if seconds(services[name]["stop_grace_period"]) < seconds(drain) + 10:
            problems.append(f"{name} may be killed while it drains")
        if services[name]["healthcheck"]["test"] != ["CMD", f"tessera-{name}", "--healthcheck"]:
            problems.append(f"{name} is not asked by its own health check")
    return problems


def gpu_is_an_addition() -> list:
    """Without the override no GPU is asked for, with it one is."""
    problems = []
    for flags, expected in (([], False), (GPU, True)):
        text, failed = run(GO / "docker-compose", *flags, "config", "--format", "json")
        problems += failed
        if not failed and ("nvidia" in json.dumps(json.loads(text)["services"]["ollama"])) != expected:
            problems.append(f"a GPU is {'not ' if expected else ''}asked for with {flags}")
    return problems


def kubernetes(overlay: str) -> list:
    text, problems = run(GO / "kustomize", "build", f"deploy/kubernetes/{overlay}")
    if problems:
        return problems
    SCRATCH.mkdir(parents=True, exist_ok=True)
    file = SCRATCH / f"{overlay.replace('/', '-')}.yaml"
    file.write_text(text)
    location = SCHEMAS / "{{ .ResourceKind }}{{ .KindSuffix }}.json"
    problems += run(GO / "kubeconform", "-strict", "-schema-location", location, file)[1]
    return problems + checks_of_kubernetes(overlay, [d for d in yaml.safe_load_all(text) if d])


def checks_of_kubernetes(overlay: str, resources: list) -> list:
    problems = []
    workloads = {r["metadata"]["name"]: r for r in resources if r["kind"] in ("Deployment", "StatefulSet")}
    kinds = {r["kind"] for r in resources}
    if overlay.endswith("observability"):
        for kind in ("ServiceMonitor", "PrometheusRule", "ScaledObject"):
            if kind not in kinds:
                problems.append(f"{overlay} has no {kind}")
    for name, workload in workloads.items():
        pod = workload["spec"]["template"]["spec"]
        for container in pod["containers"] + pod.get("initContainers", []):
            what = f"{overlay}: {name}/{container['name']}"
            security = container["securityContext"]
            if not security["readOnlyRootFilesystem"] or security["allowPrivilegeEscalation"]:
                problems.append(f"{what} may write or gain privileges")
            if security["capabilities"] != {"drop": ["ALL"]}:
                problems.append(f"{what} keeps capabilities")
            if "memory" not in container["resources"]["limits"] or container["image"].count(":") != 1:
                problems.append(f"{what} has no memory limit or no fixed version")
        if not pod["securityContext"]["runAsNonRoot"] or "seccompProfile" not in pod["securityContext"]:
            problems.append(f"{overlay}: {name} may run as root or without seccomp")
        if not pod.get("topologySpreadConstraints"):
            problems.append(f"{overlay}: {name} may end up on one host")
        budgets = [r for r in resources if r["kind"] == "PodDisruptionBudget" and r["metadata"]["name"] == name]
        if not budgets:
            problems.append(f"{overlay}: {name} has no disruption budget")
        for container in pod["containers"]:
            drain = {v["name"]: v.get("value", "") for v in container["env"]}
            limit = next((v for k, v in drain.items() if k.endswith("DRAIN_TIMEOUT")), None)
            if limit and pod["terminationGracePeriodSeconds"] < seconds(limit) + 5 + 10:
                problems.append(f"{overlay}: {name} may be killed while it drains")
            if limit and not all(probe in container for probe in ("livenessProbe", "readinessProbe", "lifecycle")):
                problems.append(f"{overlay}: {name} lacks a probe or its preStop")
    return problems


def models_are_the_same_everywhere() -> list:
    """Compose and Kubernetes name the same models and versions."""
    env = values_of_env()
    base = yaml.safe_load((ROOT / "deploy/kubernetes/base/kustomization.yaml").read_text())
    literals = dict(text.split("=", 1) for text in base["configMapGenerator"][0]["literals"])
    problems = [f"{name} differs between .env and Kubernetes" for name, value in literals.items() if env[name] != value]
    tags = {image["name"]: image["newTag"] for image in base["images"]}
    wanted = {"tessera/preprocess": env["TESSERA_VERSION"], "tessera/inference": env["TESSERA_VERSION"],
              "ollama/ollama": env["OLLAMA_VERSION"]}  # fmt: skip
    if tags != wanted:
        problems.append(f"versions differ between .env and Kubernetes: {tags}, {wanted}")
    for model in env["CREATED_MODELS"].split():
        if not pathlib.Path(ROOT / f"engine/models/{model}/Modelfile").exists():
            problems.append(f"there is no Modelfile for {model}")
    return problems


def main() -> int:
    problems = linters() + every_value_is_used_once() + models_are_the_same_everywhere()
    if "--full" in sys.argv:
        problems += run("amtool", "check-config", "deploy/alertmanager/alertmanager.yml")[1]
        problems += compose([]) + compose(GPU) + gpu_is_an_addition()
        for overlay in OVERLAYS:
            problems += kubernetes(overlay)
    print("\n".join(problems) or "nothing to say")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
