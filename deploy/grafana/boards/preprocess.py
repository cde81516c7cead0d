# SPDX-License-Identifier: Apache-2.0
"""What happens to pictures?"""

from grafana import (
    GREEN, RED, Board, heatmap, lines, mean, per_second, quantile, quantiles, rate, series, thresholds,
)  # fmt: skip


def build() -> Board:
    board = Board("tessera-preprocess", "Tessera: preprocess", "Pictures, stages, sizes, refusals, memory.",
                  "preprocess")  # fmt: skip
    board.text(
        "Pictures wait for a worker, are checked by their header, decoded, resized and encoded. A queue with "
        "all workers busy: more CPUs or replicas. Refusals are callers' pictures; **IMAGE_CORRUPT** and "
        "**IMAGE_TRUNCATED** in numbers mean a broken uploader."
    )
    board.row(
        "Throughput",
        lines("Pictures", "Prepared pictures by format.", "short",
              (per_second("tessera_preprocess_picture_seconds_count", "format") + " > 0", "{{format}}/s")),
        lines("Megapixels", "Pixels in, as stored, and out.", "short",
              (f"{per_second('tessera_preprocess_input_pixels_total')} / 1e6", "in MP/s"),
              (f"{per_second('tessera_preprocess_output_pixels_total')} / 1e6", "out MP/s")),
        lines("Bytes", "Files in, prepared pictures out.", "Bps",
              (per_second("tessera_preprocess_input_bytes_total"), "in"),
              (per_second("tessera_preprocess_output_bytes_total"), "out")),
        lines("Mean file", "Mean size of a picture before and after.", "bytes",
              (f"{per_second('tessera_preprocess_input_bytes_total')}"
               f" / sum({rate('tessera_preprocess_picture_seconds_count')})", "in"),
              (f"{per_second('tessera_preprocess_output_bytes_total')}"
               f" / sum({rate('tessera_preprocess_picture_seconds_count')})", "out")),
        lines("Mean picture", "Mean number of pixels before and after.", "short",
              (f"{per_second('tessera_preprocess_input_pixels_total')}"
               f" / sum({rate('tessera_preprocess_picture_seconds_count')})", "in px"),
              (f"{per_second('tessera_preprocess_output_pixels_total')}"
               f" / sum({rate('tessera_preprocess_picture_seconds_count')})", "out px")),
        lines("Way to inference", "1 while tessera-inference says SERVING.", "short",
              (series("tessera_preprocess_inference_up"), "{{instance}}"), maximum=1),
    )  # fmt: skip
    board.row(
        "Time",
        heatmap("Time per picture", "Without the wait for a worker. The objective is 0.25 s for 99 %.", "s",
                "tessera_preprocess_picture_seconds"),
        lines("Time by format", "p95 without the wait for a worker.", "s",
              (quantile(0.95, "tessera_preprocess_picture_seconds", "format"), "{{format}}"),
              limits=thresholds((None, GREEN), (0.25, RED)), width=12),
        lines("Work by format and stage", "Processor seconds per second: which format takes the CPUs.", "short",
              (per_second("tessera_preprocess_format_stage_seconds_total", "format") + " > 0", "{{format}}"),
              width=12),
        lines("Decoders", "Pictures by decoder and the factor by which it reduced them.", "short",
              (per_second("tessera_preprocess_plan_total", "decoder, shrink") + " > 0",
               "{{decoder}} 1/{{shrink}} per s"), width=12),
        lines("Time by stage", "Mean of each stage; `queue` is the wait for a worker.", "s",
              (mean("tessera_preprocess_stage_seconds", "stage"), "{{stage}}"), width=12),
        lines("p95 by stage", "The tallest is where to look: `queue` means too few workers.", "s",
              (quantile(0.95, "tessera_preprocess_stage_seconds", "stage"), "{{stage}}"), width=12),
    )  # fmt: skip
    board.row(
        "Room",
        lines("Waiting pictures", "Pictures that wait for a worker, and how many may.", "short",
              (series("tessera_preprocess_queue_pictures"), "{{instance}}"),
              (f"max({series('tessera_preprocess_queue_limit_pictures')})", "limit")),
        lines("Waiting by lane", "Short and long pictures wait apart, so that a long one does not hold up many "
              "short ones.", "short",
              (f"sum by (lane) ({series('tessera_preprocess_lane_queue_pictures')})", "{{lane}} waiting"),
              (f"sum by (lane) ({series('tessera_preprocess_lane_busy_workers')})", "{{lane}} in work")),
        lines("Wait by lane", "p95 of the wait for a worker.", "s",
              (quantile(0.95, "tessera_preprocess_lane_wait_seconds", "lane"), "{{lane}}")),
        lines("Busy workers", "Workers that prepare a picture.", "short",
              (series("tessera_preprocess_busy_workers"), "{{instance}}")),
        lines("Memory budget", "Memory predicted for the pictures in preparation, against what they may take "
              "together. At the limit pictures wait though workers are free.", "bytes",
              (series("tessera_preprocess_memory_reserved_bytes"), "{{instance}} reserved"),
              (series("tessera_preprocess_memory_budget_bytes"), "{{instance}} budget"),
              (series("tessera_preprocess_held_file_bytes"), "{{instance}} files")),
        lines("Error of the prediction", "Processor time of pictures over what was predicted: 1 is exact. Above "
              "2 deadlines are judged too kindly.", "short",
              *quantiles("tessera_preprocess_cost_ratio")),
        lines("Predicted and real work", "Processor seconds per second by lane.", "short",
              (per_second("tessera_preprocess_predicted_seconds_total", "lane"), "{{lane}} predicted"),
              (per_second("tessera_preprocess_work_seconds_total", "lane"), "{{lane}} real"),
              (per_second("tessera_preprocess_wasted_seconds_total"), "for nobody")),
        lines("Refusals", "Pictures that were not prepared, by ErrorInfo reason.", "reqps",
              (per_second("tessera_preprocess_refused_total", "reason") + " > 0", "{{reason}}")),
        lines("Memory", "Resident memory of the process.", "bytes",
              (series("process_resident_memory_bytes"), "{{instance}}")),
        lines("Share of the memory limit", "At 100 % the kernel ends the process.", "percentunit",
              (f"{series('process_resident_memory_bytes')} / {series('tessera_memory_limit_bytes')}",
               "{{instance}}"), maximum=1, limits=thresholds((None, GREEN), (0.8, RED))),
        lines("Allocator", "What the program asked for, what that occupies, and what was kept from the system. "
              "Occupied far above asked: fragments.", "bytes",
              (f"sum by (kind) ({series('tessera_preprocess_allocator_bytes')})", "{{kind}}")),
        lines("libvips", "Pixel memory that libvips holds; its number of pieces falls back to 0 when idle.",
              "bytes", (f"sum({series('tessera_preprocess_libvips_bytes')})", "now"),
              (f"max({series('tessera_preprocess_libvips_max_bytes')})", "most ever")),
        lines("libvips allocations", "Pieces of memory that libvips holds: a slope at constant load is a leak.",
              "short", (series("tessera_preprocess_libvips_allocations"), "{{instance}}")),
        lines("CPU", "Cores in use by each process.", "short", (rate("process_cpu_seconds_total"), "{{instance}}")),
        lines("Address space", "Virtual memory: grows with threads and mapped files, not with leaks alone.",
              "bytes", (series("process_virtual_memory_bytes"), "{{instance}}")),
    )  # fmt: skip
    return board
