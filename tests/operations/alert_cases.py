# SPDX-License-Identifier: Apache-2.0
"""For each alert: series under which it fires, and series under which it keeps quiet.

A case is (alert, at, firing, quiet): at the time `at` after the start the alert fires with the first
set of series and does not with the second. A series is (name{labels}, values), where values are
written as promtool's tests write them: "0+60x30" is 0, 60, 120, ... every minute.
"""

PRE = 'job="tessera-preprocess",instance="p"'
INF = 'job="tessera-inference",instance="i"'
LANE = INF + ',backend="b",gen_ai_request_model="qwen3-vl:4b"'


def calls(code: str, values: str, labels: str = PRE) -> tuple:
    return (
        f'grpc_server_handled_total{{{labels},grpc_service="tessera.inference.v1.InferenceService",'
        f'grpc_method="Generate",grpc_code="{code}"}}',
        values,
    )


def first_tokens(within: str, all_of_them: str) -> list:
    name, labels = "gen_ai_server_time_to_first_token_seconds", INF + ',gen_ai_request_model="m"'
    return [(f'{name}_bucket{{{labels},le="2.5"}}', within), (f"{name}_count{{{labels}}}", all_of_them)]


def pictures(within: str, all_of_them: str) -> list:
    name, labels = "tessera_preprocess_picture_seconds", PRE + ',format="jpeg"'
    return [(f'{name}_bucket{{{labels},le="0.25"}}', within), (f"{name}_count{{{labels}}}", all_of_them)]


def waits(fast: str, all_of_them: str) -> list:
    name = "tessera_inference_queue_wait_seconds"
    labels = INF + ',gen_ai_request_model="m",priority="interactive"'
    return [
        (f'{name}_bucket{{{labels},le="0.5"}}', fast),
        (f'{name}_bucket{{{labels},le="2.5"}}', all_of_them),
        (f'{name}_bucket{{{labels},le="+Inf"}}', all_of_them),
        (f"{name}_count{{{labels}}}", all_of_them),
    ]


def speed(tokens: str, seconds: str) -> list:
    model = INF + ',gen_ai_request_model="qwen3-vl:4b"'
    return [
        (f'tessera_inference_tokens_total{{{model},direction="output"}}', tokens),
        (f'tessera_inference_engine_seconds_total{{{model},phase="decode"}}', seconds),
    ]


def refused(reason: str, values: str) -> tuple:
    return (f'tessera_preprocess_refused_total{{{PRE},reason="{reason}"}}', values)


CASES = [
    # 2 % of calls fail: 20 times the budget of 0.1 %.
    ("TesseraErrorBudgetBurnsFast", "90m",
     [calls("OK", "0+588x600"), calls("Unavailable", "0+12x600")],
     # The same share among two calls an hour, and any number of callers' mistakes.
     [calls("OK", "0+0.02x600"), calls("Unavailable", "0+0.01x600"), calls("InvalidArgument", "0+500x600")]),
    ("TesseraErrorBudgetBurnsFast", "90m", first_tokens("0+48x600", "0+60x600"), first_tokens("0+60x600", "0+60x600")),
    ("TesseraErrorBudgetBurnsFast", "90m", pictures("0+48x600", "0+60x600"), pictures("0+60x600", "0+60x600")),
    # 0.5 % for a day: 5 times the budget, too slow for a page.
    ("TesseraErrorBudgetBurns", "28h",
     [calls("OK", "0+995x2000"), calls("Internal", "0+5x2000")],
     [calls("OK", "0+9999x2000"), calls("Internal", "0+0.5x2000")]),
    ("TesseraTargetAbsent", "10m", [(f"up{{{PRE}}}", "1x60")], [(f"up{{{PRE}}}", "1x60"), (f"up{{{INF}}}", "1x60")]),
    ("TesseraTargetDown", "10m", [(f"up{{{INF}}}", "1x2 0x60")], [(f"up{{{INF}}}", "1 0 1 1 0 1 1 1 0 1 1 1 1 1 1")]),
    ("TesseraRestartsOften", "20m",
     [(f"process_start_time_seconds{{{INF}}}", "100x3 200x3 300x3 400x3 500x20")],
     [(f"process_start_time_seconds{{{INF}}}", "100x3 200x30")]),
    ("TesseraMemoryNearLimit", "20m",
     [(f"process_resident_memory_bytes{{{INF}}}", "900x60"), (f"tessera_memory_limit_bytes{{{INF}}}", "1000x60")],
     [(f"process_resident_memory_bytes{{{INF}}}", "700x10 900x2 700x60"),
      (f"tessera_memory_limit_bytes{{{INF}}}", "1000x80")]),
    ("TesseraFilesNearLimit", "20m",
     [(f"process_open_fds{{{INF}}}", "900x60"), (f"process_max_fds{{{INF}}}", "1000x60")],
     [(f"process_open_fds{{{INF}}}", "100x60"), (f"process_max_fds{{{INF}}}", "1000x60")]),
    ("TesseraPrometheusConfigInvalid", "20m",
     [('prometheus_config_last_reload_successful{job="prometheus",instance="x"}', "1x2 0x60")],
     [('prometheus_config_last_reload_successful{job="prometheus",instance="x"}', "0x2 1x60")]),
    ("TesseraEngineDown", "10m",
     # One of two.
     [(f'tessera_inference_backend_up{{{INF},backend="a"}}', "1x60"),
      (f'tessera_inference_backend_up{{{INF},backend="b"}}', "1x2 0x60")],
     [(f'tessera_inference_backend_up{{{INF},backend="a"}}', "1 0 1 1 0 1 1 1 1 1 1 1")]),
    ("TesseraInferenceUnreachable", "10m",
     [(f"tessera_preprocess_inference_up{{{PRE}}}", "1x2 0x60")],
     [(f"tessera_preprocess_inference_up{{{PRE}}}", "1x60")]),
    ("TesseraBreakerOpen", "10m",
     [(f"tessera_inference_breaker_state{{{LANE}}}", "0x2 2x60")],
     # Half-open again and again: it recovers.
     [(f"tessera_inference_breaker_state{{{LANE}}}", "0 2 1 2 1 0 2 1 0 0 0 0")]),
    ("TesseraWedgeCured", "20m",
     [(f"tessera_inference_wedges_total{{{LANE}}}", "0x10 1x60")],
     [(f"tessera_inference_wedges_total{{{LANE}}}", "3x60")]),
    ("TesseraModelNotOnGpu", "20m",
     [(f'tessera_inference_model_cpu_offload_ratio{{{INF},gen_ai_request_model="m"}}', "0x3 0.3x60")],
     # For a moment, while it is loaded.
     [(f'tessera_inference_model_cpu_offload_ratio{{{INF},gen_ai_request_model="m"}}', "0x8 1 0x60")]),
    ("TesseraModelSlow", "40m", speed("0+1200x60", "0+60x60"), speed("0+3600x60", "0+60x60")),
    # 20 tokens/s, but hardly any of them.
    ("TesseraModelSlow", "40m", speed("0+600x60", "0+30x60"), speed("0+4x60", "0+0.2x60")),
    ("TesseraRetryBudgetEmpty", "20m",
     [(f"tessera_inference_retries_without_budget_total{{{INF}}}", "0+5x60")],
     [(f"tessera_inference_retries_without_budget_total{{{INF}}}", "7x60")]),
    ("TesseraQueueWaitLong", "20m", waits("0+50x60", "0+100x60"), waits("0+99x60", "0+100x60")),
    ("TesseraQueueNearlyFull", "10m",
     # Both kinds of requests count against one model's limit.
     [(f'tessera_inference_queue_depth{{{LANE},priority="interactive"}}', "130x60"),
      (f'tessera_inference_queue_depth{{{LANE},priority="batch"}}', "100x60"),
      (f"tessera_inference_queue_limit{{{INF}}}", "256x60")],
     [(f'tessera_inference_queue_depth{{{LANE},priority="interactive"}}', "30x6 250 30x60"),
      (f'tessera_inference_queue_depth{{{LANE},priority="batch"}}', "0x60"),
      (f"tessera_inference_queue_limit{{{INF}}}", "256x70")]),
    ("TesseraQueueNearlyFull", "10m",
     [(f"tessera_preprocess_queue_pictures{{{PRE}}}", "60x60"),
      (f"tessera_preprocess_queue_limit_pictures{{{PRE}}}", "64x60")],
     [(f"tessera_preprocess_queue_pictures{{{PRE}}}", "10x60"),
      (f"tessera_preprocess_queue_limit_pictures{{{PRE}}}", "64x60")]),
    ("TesseraCallsRefused", "20m",
     [calls("OK", "0+90x60"), calls("ResourceExhausted", "0+10x60")],
     [calls("OK", "0+99x60"), calls("ResourceExhausted", "0+1x60")]),
    ("TesseraPicturesUnreadable", "30m",
     [refused("IMAGE_CORRUPT", "0+30x60"), *pictures("0+60x60", "0+60x60")],
     [refused("IMAGE_CORRUPT", "0+3x60"), refused("QUEUE_FULL", "0+30x60"), *pictures("0+60x60", "0+60x60")]),
    ("TesseraCacheServerFailing", "20m",
     [(f"tessera_inference_cache_redis_errors_total{{{INF}}}", "0+60x60")],
     [(f"tessera_inference_cache_redis_errors_total{{{INF}}}", "0+1x60")]),
]  # fmt: skip
