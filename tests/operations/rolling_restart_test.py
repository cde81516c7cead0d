# SPDX-License-Identifier: Apache-2.0
"""Two front doors and two GPU-host doors behind client-side balancing, restarted in turn under load:
no unary call may fail.

rolling_restart_test.py [RESTARTS [CALLS]]: ends after both, default 8 and 2000.
"""

import contextlib
import json
import signal
import subprocess
import sys
import time

import exposition
import pair

GRACE_SECONDS = 30  # The services' default drain limit.


def healthy(service: pair.Service) -> bool:
    return subprocess.run(
        [pair.BIN / "tessera", "--address", f"127.0.0.1:{service.port}", "health"], capture_output=True
    ).returncode == 0  # fmt: skip


def restart(service: pair.Service) -> float:
    """Seconds from the signal to the process's end. It serves again afterwards, on its old port."""
    start = time.monotonic()
    status = service.end(signal.SIGTERM, GRACE_SECONDS + 10)
    took = time.monotonic() - start
    if status != 0:
        raise AssertionError(f"{service.name} ended with {status}: {service.text()[-1000:]}")
    service.start()
    # As a rolling update waits for readiness: callers have found the new process.
    pair.wait_until(lambda: healthy(service) and handled(service) > 0, 30, f"{service.name} is called")
    return took


def handled(service: pair.Service) -> float:
    """Calls that the present process of the service has answered."""
    with contextlib.suppress(OSError):
        families = exposition.parse(service.metrics())
        return sum(
            value
            for _, labels, value in families["grpc_server_handled_total"].samples
            if labels["grpc_code"] == "OK" and labels["grpc_service"].startswith("tessera.")
        )
    return 0


def address(services: list) -> str:
    return "ipv4:" + ",".join(f"127.0.0.1:{service.port}" for service in services)


def main(restarts: int, calls: int) -> int:
    with contextlib.ExitStack() as stack:
        def keep(process):
            stack.callback(process.end)
            return process

        simulator = keep(pair.Simulator("rolling-simulator", ["--parallel", 16]))
        simulator.script({"answer": "tokens=4 rate=400", "times": 0})
        inference = [
            keep(pair.start_inference(f"rolling-inference{i}", [simulator.url], port=pair.free_port()))
            for i in range(2)
        ]
        preprocess = [
            keep(pair.start_preprocess(f"rolling-preprocess{i}", address(inference), port=pair.free_port()))
            for i in range(2)
        ]
        for service in inference + preprocess:
            pair.wait_until(lambda: healthy(service), 30, f"{service.name} serves")
        load = keep(pair.Load(address(preprocess), "unary", threads=16, name="rolling-load"))
        begin = time.monotonic()
        took = []
        order = [preprocess[0], inference[0], preprocess[1], inference[1]]
        while len(took) < restarts:
            took.append(restart(order[len(took) % len(order)]))
        while calls_so_far(simulator) < calls:
            time.sleep(0.2)
        report = load.report()
    print(
        f"{len(took)} restarts in {time.monotonic() - begin:.0f} s, slowest end {max(took):.2f} s; "
        f"{report['calls']} calls, {report['failed']} failed, "
        f"p50 {report['p50_ms']:.1f} ms, p99 {report['p99_ms']:.1f} ms, max {report['max_ms']:.0f} ms"
    )
    if report["failed"]:
        print("\n".join(report["first_failures"]))
    if report["calls"] < calls:
        print(f"fewer than {calls} calls")
    return 1 if report["failed"] or report["calls"] < calls or max(took) > GRACE_SECONDS else 0


def calls_so_far(simulator: pair.Simulator) -> int:
    """By the simulator's count: the load tells its own only when it ends."""
    counters = json.loads(pair.get(simulator.url + "/simulator/state?records=0"))["counters"]
    return counters["requests_by_path"].get("/api/chat", 0)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [8, 2000][len(numbers) :])))
