# SPDX-License-Identifier: Apache-2.0
"""Which Ollama is ill, and with what?"""

from grafana import (
    GREEN, ORANGE, RED, Board, lines, number, per_second, quantile, rate, series, thresholds,
)  # fmt: skip

MODELS = "gen_ai_request_model"
PAIR = "backend, gen_ai_request_model"


def build() -> Board:
    board = Board("tessera-backends", "Tessera: backends", "Each Ollama: health, breaker, loads, retries.",
                  "inference")  # fmt: skip
    board.text(
        "One line per engine and model. A breaker that is **open** keeps requests from an engine that failed; "
        "it tries again by itself. A **wedge** is a model that answers nobody any more: it was unloaded by "
        "force and comes back. Many **loads**: models displace each other; see the reloads on "
        "[Inference](/d/tessera-inference)."
    )
    board.row(
        "Health",
        number("Engines up", "Engines that answered the last look.", "short",
               (f"sum({series('tessera_inference_backend_up')})", "up"), thresholds((None, RED), (1, GREEN))),
        number("Open breakers", "Engine and model pairs that get no requests now.", "short",
               (f"count({series('tessera_inference_breaker_state')} == 2) or vector(0)", "open"),
               thresholds((None, GREEN), (1, RED))),
        number("Poisoned pictures", "Pictures that are refused because they crashed a model twice.", "short",
               (f"sum({series('tessera_inference_poisoned_pictures')})", "pictures"),
               thresholds((None, GREEN), (1, ORANGE))),
        number("Wedges, 1 h", "Models that were cured by force in the last hour.", "short",
               (f"sum(increase({series('tessera_inference_wedges_total')}[1h]))", "wedges"),
               thresholds((None, GREEN), (1, ORANGE)), decimals=0),
        number("Loads, 1 h", "Models that requests found not loaded in the last hour.", "short",
               (f"sum(increase({series('tessera_inference_model_loads_total')}[1h]))", "loads"), decimals=0),
        number("Connections reused", "Share of requests to engines on a connection that was open already.",
               "percentunit",
               (f'sum({rate("tessera_inference_upstream_requests_total", "connection=" + chr(34) + "reused" + chr(34))})'
                f' / sum({rate("tessera_inference_upstream_requests_total")})', "reused"),
               thresholds((None, ORANGE), (0.9, GREEN)), decimals=1),
        lines("Engine up", "1 while it answers.", "short",
              (f"min by (instance, backend) ({series('tessera_inference_backend_up')})", "{{instance}} {{backend}}"),
              (f"min by (instance) ({series('tessera_inference_engine_up')})", "{{instance}}: any"), maximum=1),
        lines("Breaker", "0 closed, 1 trying again, 2 open.", "short",
              (f"max by ({PAIR}) ({series('tessera_inference_breaker_state')})",
               "{{backend}} {{gen_ai_request_model}}"), maximum=2, limits=thresholds((None, GREEN), (2, RED))),
        lines("Breakers opened", "Times per second that one opened.", "short",
              (per_second("tessera_inference_breaker_opened_total", PAIR),
               "{{backend}} {{gen_ai_request_model}}")),
    )  # fmt: skip
    board.row(
        "Load",
        lines("Waiting", "Requests that wait for a slot of each engine.", "short",
              (f"sum by (backend) ({series('tessera_inference_queue_depth')})", "{{backend}}")),
        lines("Busy slots", "Share of slots with a request.", "percentunit",
              (f"sum by (backend) ({series('tessera_inference_slots_busy')})"
               f" / (sum by (backend) ({series('tessera_inference_slots')}) > 0)", "{{backend}}"), maximum=1),
        lines("Learnt speed", "Tokens per second that predictions go by. A fall: the engine got slower.", "short",
              (f"max by ({PAIR}, phase) ({series('tessera_inference_learnt_tokens_per_second')}) > 0",
               "{{backend}} {{gen_ai_request_model}} {{phase}}")),
    )  # fmt: skip
    board.row(
        "Models",
        lines("Loaded", "1 while the engine has the model in memory.", "short",
              (f"max by ({PAIR}) ({series('tessera_inference_model_loaded')})",
               "{{backend}} {{gen_ai_request_model}}"), maximum=1),
        lines("Loads", "Requests that found the model not loaded.", "short",
              (per_second("tessera_inference_model_loads_total", PAIR),
               "{{backend}} {{gen_ai_request_model}}")),
        lines("Load time", "p95 of a load by the engine's count.", "s",
              (quantile(0.95, "tessera_inference_model_load_seconds", MODELS), "{{gen_ai_request_model}}")),
        lines("Models kept in memory", "Loads that keep a model of the profile where it is, by result.", "short",
              (per_second("tessera_inference_kept_model_loads_total", "result"), "{{result}}")),
        lines("Wedges cured", "Models that answered nobody any more and were unloaded by force.", "short",
              (per_second("tessera_inference_wedges_total", PAIR), "{{backend}} {{gen_ai_request_model}}")),
    )  # fmt: skip
    board.row(
        "Failures",
        lines("Retries by reason", "Further tries, by what the last one failed with.", "reqps",
              (per_second("tessera_inference_retries_total", "reason"), "{{reason}}")),
        lines("Share of retries", "Further tries in relation to requests: at most 20 % by the budget.",
              "percentunit",
              (f"sum({rate('tessera_inference_retries_total')})"
               f" / sum({rate('gen_ai_server_request_duration_seconds_count')})", "retries"),
              limits=thresholds((None, GREEN), (0.2, RED))),
        lines("Retries not made", "Because too many were made lately.", "reqps",
              (per_second("tessera_inference_retries_without_budget_total"), "without budget")),
        lines("New connections", "HTTP requests to engines by connection. Many new ones: something between "
              "closes them.", "reqps",
              (per_second("tessera_inference_upstream_requests_total", "connection"), "{{connection}}")),
    )  # fmt: skip
    return board
