# SPDX-License-Identifier: Apache-2.0
"""Is it well, how much does it do, and is anything about to go wrong?"""

from grafana import (
    GREEN, ORANGE, RED, UP_DOWN, YELLOW, Board, lines, number, per_second, quantile, rate, series, thresholds,
)  # fmt: skip

OURS = 'grpc_service=~"tessera.*"'
BUDGET = thresholds((None, RED), (0, ORANGE), (0.25, YELLOW), (0.5, GREEN))


def build() -> Board:
    board = Board("tessera-overview", "Tessera: overview", "Health and load of the pair.", ".+")
    board.text(
        "Top to bottom as a request goes. **Red here?** Errors: the reason's row in the README says what to "
        "do. Slow pictures: [Preprocess](/d/tessera-preprocess). Slow answers: "
        "[Inference](/d/tessera-inference). An engine: [Backends](/d/tessera-backends)."
    )
    board.row(
        "Now",
        number("Engines", "Engines that answered the last look.", "short",
               (f"sum({series('tessera_inference_backend_up')})", "up"),
               thresholds((None, RED), (1, GREEN))),
        number("Way to inference", "Front doors whose tessera-inference says SERVING: all, or some are cut off.",
               "none", (f"min({series('tessera_preprocess_inference_up')})", "inference"),
               thresholds((None, RED), (1, GREEN)), mappings=UP_DOWN),
        number("Requests in progress", "Requests that wait or run at the GPU hosts.", "short",
               (f"sum({series('tessera_inference_requests_in_flight')})", "requests")),
        number("Availability budget left", "Share of this month's error budget that is left (objective 99.9 %). "
               "Below 0 the objective is missed.", "percentunit",
               ('slo:period_error_budget_remaining:ratio{slo="availability"}', "left"), BUDGET, decimals=1),
        number("First-token budget left", "The same for answers whose first token came within 2.5 s (objective "
               "99 %).", "percentunit",
               ('slo:period_error_budget_remaining:ratio{slo="time-to-first-token"}', "left"), BUDGET, decimals=1),
        number("Picture budget left", "The same for pictures prepared within 0.25 s (objective 99 %).",
               "percentunit", ('slo:period_error_budget_remaining:ratio{slo="preprocess-latency"}', "left"),
               BUDGET, decimals=1),
    )  # fmt: skip
    board.row(
        "Calls",
        lines("Requests", "Finished RPCs of ours by door and method. A call through the front door shows at "
              "both.", "reqps", (per_second("grpc_server_handled_total", "job, grpc_method", OURS) + " > 0",
              "{{job}} {{grpc_method}}")),
        lines("Errors by code", "RPCs that did not end OK, by door. InvalidArgument, NotFound and Canceled are "
              "the callers' own doing.", "reqps",
              (per_second("grpc_server_handled_total", "job, grpc_code", OURS + ',grpc_code!="OK"') + " > 0",
               "{{job}} {{grpc_code}}")),
        lines("Errors by reason", "Failed generations by ErrorInfo reason; what each asks for is in the README.",
              "reqps", (per_second("tessera_inference_errors_total", "reason") + " > 0", "{{reason}}"),
              (per_second("tessera_preprocess_refused_total", "reason") + " > 0", "picture: {{reason}}")),
    )  # fmt: skip
    board.row(
        "Objectives",
        lines("Burn rate, 1 h", "How fast error budgets are used up: 1 uses a month's budget in a month. 14.4 "
              "pages, 3 opens a ticket.", "short", ("slo:current_burn_rate:ratio", "{{slo}}"),
              limits=thresholds((None, GREEN), (1, YELLOW), (3, ORANGE), (14.4, RED))),
        lines("Refused for want of room", "Share of calls answered RESOURCE_EXHAUSTED. Not an error by the "
              "availability objective: callers were told when to come back.", "percentunit",
              ("job:refused_calls:ratio_rate5m", "{{job}}"), maximum=1,
              limits=thresholds((None, GREEN), (0.05, ORANGE))),
        lines("Slow answers by stage", "p95 of each step of a request at the GPU hosts: where the time goes.",
              "s", (quantile(0.95, "tessera_inference_phase_seconds", "phase"), "{{phase}}"),
              (quantile(0.95, "tessera_preprocess_picture_seconds"), "picture")),
    )  # fmt: skip
    board.row(
        "Answers",
        lines("Tokens", "Tokens in and out by the engine's count.", "short",
              (per_second("tessera_inference_tokens_total", "direction"), "{{direction}} tokens/s")),
        lines("Time to first token", "From the request to its first token, successful requests; the objective "
              "is 2.5 s.", "s", (quantile(0.5, "gen_ai_server_time_to_first_token_seconds"), "p50"),
              (quantile(0.95, "gen_ai_server_time_to_first_token_seconds"), "p95"),
              (quantile(0.99, "gen_ai_server_time_to_first_token_seconds"), "p99"),
              limits=thresholds((None, GREEN), (2.5, RED))),
        lines("End to end", "Time of whole calls at the front door.", "s",
              (quantile(0.5, "grpc_server_handling_seconds", "grpc_method", OURS) + " >= 0", "{{grpc_method}} p50"),
              (quantile(0.95, "grpc_server_handling_seconds", "grpc_method", OURS) + " >= 0", "{{grpc_method}} p95")),
    )  # fmt: skip
    board.row(
        "GPU and machines",
        lines("GPU memory of loaded models", "What the engine says each loaded model occupies.", "bytes",
              (f"sum by (gen_ai_request_model) ({series('tessera_inference_model_vram_bytes')}) > 0",
               "{{gen_ai_request_model}}")),
        lines("Not on the GPU", "Share of a loaded model that fell to the CPU because GPU memory was short: "
              "anything above 0 is many times slower.", "percentunit",
              (f"max by (gen_ai_request_model) ({series('tessera_inference_model_cpu_offload_ratio')})",
               "{{gen_ai_request_model}}"), maximum=1, limits=thresholds((None, GREEN), (0.001, RED))),
        lines("Memory of the services", "Resident memory of each process.", "bytes",
              (series("process_resident_memory_bytes"), "{{job}} {{instance}}")),
        lines("CPU of the services", "Cores in use by each process.", "short",
              (rate("process_cpu_seconds_total"), "{{job}} {{instance}}")),
        lines("Threads", "Threads of each process: constant under any load.", "short",
              (series("process_threads"), "{{job}} {{instance}}")),
        lines("Open files", "Share of allowed file descriptors in use: connections mostly.", "percentunit",
              (f"{series('process_open_fds')} / {series('process_max_fds')}", "{{job}} {{instance}}"), maximum=1,
              limits=thresholds((None, GREEN), (0.8, RED))),
    )  # fmt: skip
    return board
