# SPDX-License-Identifier: Apache-2.0
"""Why is an answer slow, refused, or wrong? In the order in which a request goes."""

from grafana import (
    GREEN, RED, Board, constant_variable, heatmap, lines, per_second, quantile, quantiles, query_variable, rate,
    series, thresholds,
)  # fmt: skip

MODEL = 'gen_ai_request_model=~"$model"'
MODELS = "gen_ai_request_model"
OUTPUT = ',direction="output"'
DECODE = ',phase="decode"'


def build() -> Board:
    board = Board(
        "tessera-inference", "Tessera: inference", "Queue, slots, phases, tokens and cache of the GPU hosts.",
        "inference",
        [
            query_variable("model", "Model",
                           'label_values(tessera_inference_tokens_total{job=~"$job"}, gen_ai_request_model)'),
            constant_variable("reference", "Reference tokens/s", "63.83",
                              "Decode speed that a model of yours reached when it was well: drawn as a line."),
        ],
    )  # fmt: skip
    board.text(
        "A request is **queued**, perhaps waits for its model to be **loaded**, its prompt is read "
        "(**prefill**) and its answer made (**decode**). A long queue with busy slots: more GPUs, or less "
        "load. A long queue with free slots: look at [Backends](/d/tessera-backends). Slow decode: see *Not on "
        "the GPU*."
    )
    board.row(
        "Queue and slots",
        lines("Waiting requests", "Requests that wait for a slot, by priority.", "short",
              (f"sum by (priority) ({series('tessera_inference_queue_depth', MODEL)})", "{{priority}}")),
        lines("Slots", "Answers made at once: how many the engines can, how many are busy, and how many go on "
              "with a request that its caller has left.", "short",
              (f"sum({series('tessera_inference_slots', MODEL)})", "slots"),
              (f"sum({series('tessera_inference_slots_busy', MODEL)})", "busy"),
              (f"sum({series('tessera_inference_slots_unreleased', MODEL)})", "left by the caller")),
        lines("Wait for a slot", "From a request to its slot, by priority. The alert's limit is a p95 of 1 s "
              "for interactive requests.", "s",
              (quantile(0.5, "tessera_inference_queue_wait_seconds", "priority", MODEL), "{{priority}} p50"),
              (quantile(0.95, "tessera_inference_queue_wait_seconds", "priority", MODEL), "{{priority}} p95"),
              limits=thresholds((None, GREEN), (1, RED))),
        lines("Refused before an engine saw them", "QUEUE_FULL and DEADLINE_UNMEETABLE mean overload; the "
              "others mean the request.", "reqps",
              (per_second("tessera_inference_queue_refused_total", "reason"), "{{reason}}")),
        lines("Error of predicted waits", "Difference between the wait that callers were told and the real one. "
              "RetryInfo is as good as this.", "s", *quantiles("tessera_inference_queue_wait_error_seconds", MODEL)),
        lines("Memory of requests", "Texts and pictures of all requests that wait or run.", "bytes",
              (series("tessera_inference_held_bytes"), "{{instance}}")),
        lines("Requests that wait or run", "Jobs of the scheduler, and requests that are with an engine.", "short",
              (f"sum({series('tessera_inference_jobs')})", "jobs"),
              (f"sum({series('tessera_inference_requests_in_flight')})", "with an engine")),
        lines("Pushed out, moved, handed ahead", "Waiting requests that made room for a client with fewer, that "
              "moved to another engine, and that were given to it shortly before there was a slot, because it "
              "reads the model's metadata for each.", "reqps",
              (per_second("tessera_inference_queue_pushed_out_total"), "pushed out"),
              (per_second("tessera_inference_moved_total"), "moved"),
              (per_second("tessera_inference_handed_ahead_total"), "handed ahead")),
    )  # fmt: skip
    board.row(
        "Phases",
        lines("p95 of each phase", "queued, loading, prefill, decode. The tallest is where to look.", "s",
              (quantile(0.95, "tessera_inference_phase_seconds", "phase"), "{{phase}}")),
        lines("Engine time", "Seconds per second that the engine spent loading, reading prompts and making "
              "answers, by its own count.", "short",
              (per_second("tessera_inference_engine_seconds_total", "phase", MODEL), "{{phase}}")),
        lines("Own time", "Time of a request inside this service: neither waiting for a slot nor for the "
              "engine.", "s", *quantiles("tessera_inference_self_seconds")),
    )  # fmt: skip
    board.row(
        "First token and speed",
        heatmap("Time to first token", "Where first tokens fall. A band of its own far up: cold loads.", "s",
                "gen_ai_server_time_to_first_token_seconds", MODEL),
        heatmap("Between tokens", "Gaps inside answers as callers see them.", "s",
                "tessera_inference_inter_token_seconds"),
        lines("Tokens per second and model", "Decode speed by the engine's count, against the reference. Below it: "
              "a busy GPU, a long context, or a model that is partly on the CPU.", "short",
              (f'{per_second("tessera_inference_tokens_total", MODELS, MODEL + OUTPUT)}'
               f' / {per_second("tessera_inference_engine_seconds_total", MODELS, MODEL + DECODE)}',
               "{{gen_ai_request_model}}"),
              ("vector($reference)", "reference")),
        lines("Time to first token by model", "p95; the objective is 2.5 s for 99 %.", "s",
              (quantile(0.95, "gen_ai_server_time_to_first_token_seconds", MODELS, MODEL),
               "{{gen_ai_request_model}}"), limits=thresholds((None, GREEN), (2.5, RED))),
        lines("Time per output token", "After the first, mean of each request: p50 and p95.", "s",
              (quantile(0.5, "gen_ai_server_time_per_output_token_seconds", MODELS, MODEL),
               "{{gen_ai_request_model}} p50"),
              (quantile(0.95, "gen_ai_server_time_per_output_token_seconds", MODELS, MODEL),
               "{{gen_ai_request_model}} p95")),
    )  # fmt: skip
    board.row(
        "Answers",
        lines("Requests by model", "Ended requests, failed ones too.", "reqps",
              (per_second("gen_ai_server_request_duration_seconds_count", MODELS, MODEL),
               "{{gen_ai_request_model}}")),
        lines("Duration by model", "p95 from the request to its end.", "s",
              (quantile(0.95, "gen_ai_server_request_duration_seconds", MODELS, MODEL),
               "{{gen_ai_request_model}}")),
        lines("Tokens per request", "Mean number of tokens in and out.", "short",
              (f'{per_second("tessera_inference_tokens_total", "direction", MODEL)}'
               f' / ignoring(direction) group_left sum({rate("gen_ai_server_request_duration_seconds_count", MODEL)})',
               "{{direction}}")),
        lines("Tokens per second", "All models together by the engine's count.", "short",
              (per_second("tessera_inference_tokens_total", "direction", MODEL), "{{direction}}")),
        lines("Answers checked", "Answers compared with the form or the tools that were asked for, and models "
              "asked once more for a conforming one.", "short",
              (per_second("tessera_inference_answers_checked_total", "result"), "{{result}}/s"),
              (per_second("tessera_inference_repairs_total", "result"), "asked again, {{result}}/s")),
        lines("Batch items", "Ended items of batches that came straight to the GPU hosts' door. The front door "
              "passes each item of its own batches on as a call.", "short",
              (per_second("tessera_inference_batch_items_total", "method, result"), "{{method}} {{result}}/s")),
        lines("Failed requests", "By ErrorInfo reason.", "reqps",
              (per_second("tessera_inference_errors_total", "reason") + " > 0", "{{reason}}")),
        lines("Messages", "gRPC messages in and out: one out per piece of a streamed answer.", "short",
              (per_second("grpc_server_msg_received_total", labels='grpc_service=~"tessera.*"'), "received/s"),
              (per_second("grpc_server_msg_sent_total", labels='grpc_service=~"tessera.*"'), "sent/s")),
    )  # fmt: skip
    board.row(
        "Callers who leave",
        lines("Cancelled", "Requests whose caller went away, by the phase they were in.", "reqps",
              (per_second("tessera_inference_cancelled_in_phase_total", "phase"), "{{phase}}"),
              (per_second("tessera_inference_cancelled_total"), "all")),
        lines("From leaving to a free slot", "How long the GPU went on for nobody.", "s",
              *quantiles("tessera_inference_cancel_to_release_seconds")),
        lines("Wasted tokens", "Tokens of tries that nobody got the answer of.", "short",
              (per_second("tessera_inference_wasted_tokens_total", "direction"), "{{direction}} tokens/s")),
    )  # fmt: skip
    board.row(
        "Cache",
        lines("Hit ratio", "Requests answered without an engine, by tier. Joined: went along with an identical "
              "one in flight.", "percentunit",
              (f'{per_second("tessera_inference_cache_hits_total", "tier")} / '
               f'({per_second("tessera_inference_cache_hits_total", "tier")} + '
               f'{per_second("tessera_inference_cache_misses_total", "tier")})', "{{tier}}"), maximum=1),
        lines("Hits, misses, joins", "Look-ups by what came of them.", "reqps",
              (per_second("tessera_inference_cache_hits_total", "tier"), "hit in {{tier}}"),
              (per_second("tessera_inference_cache_misses_total", "tier"), "miss in {{tier}}"),
              (per_second("tessera_inference_cache_joins_total"), "joined")),
        lines("Memory", "What cached answers take. Evictions for room with a poor hit ratio: allow more.", "bytes",
              (series("tessera_inference_cache_bytes"), "{{instance}}")),
        lines("Answers kept and dropped", "Answers in memory, and those dropped per second.", "short",
              (f"sum({series('tessera_inference_cache_answers')})", "in memory"),
              (per_second("tessera_inference_cache_evictions_total", "reason"), "dropped/s: {{reason}}")),
        lines("Written", "Answers handed to the cache.", "Bps",
              (per_second("tessera_inference_cache_written_bytes_total", "tier"), "{{tier}}")),
        lines("Redis connected", "1 while connected; 0 also where none is configured.", "short",
              (series("tessera_inference_cache_redis_up"), "{{instance}}"), maximum=1),
        lines("Redis", "p95 of a question to Redis; errors count as misses.", "s",
              (quantile(0.95, "tessera_inference_cache_redis_seconds"), "p95")),
        lines("Redis errors", "Questions to Redis that failed or took too long.", "short",
              (per_second("tessera_inference_cache_redis_errors_total"), "errors/s"),
              (per_second("tessera_inference_cache_writes_total", labels='tier="redis"'), "writes/s")),
    )  # fmt: skip
    board.row(
        "Models",
        lines("GPU memory", "What the engine says each loaded model occupies.", "bytes",
              (f"sum by ({MODELS}) ({series('tessera_inference_model_vram_bytes', MODEL)})",
               "{{gen_ai_request_model}}")),
        lines("Not on the GPU", "Share of a loaded model on the CPU: anything above 0 is many times slower.",
              "percentunit",
              (f"max by ({MODELS}) ({series('tessera_inference_model_cpu_offload_ratio', MODEL)})",
               "{{gen_ai_request_model}}"), maximum=1, limits=thresholds((None, GREEN), (0.001, RED))),
        lines("Reloads", "Requests that had their model loaded with other options, and those kept from doing so.",
              "reqps", (per_second("tessera_inference_reloads_total"), "reloads"),
              (per_second("tessera_inference_reloads_avoided_total"), "avoided")),
    )  # fmt: skip
    return board
