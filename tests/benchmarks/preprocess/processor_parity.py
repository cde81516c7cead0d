# SPDX-License-Identifier: Apache-2.0
"""processor_parity.py FOLDER: our tensors beside those of transformers' Qwen3-VL processor.

For every picture of FOLDER: the grids must agree; prints how far the values of both kernels are
from what the processor makes of the same file, in 8-bit steps (1/255 of the range), and how far
apart the values of equal samples are. Needs transformers below 5 (its processor without torch),
pillow, numpy, grpcio and protobuf; torch is not needed. Expects protoc, and the release build's
tessera-preprocess.
"""

import pathlib
import subprocess
import sys
import tempfile

import grpc
import numpy
import workers
from PIL import Image, ImageOps
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor

# As Qwen/Qwen3-VL's preprocessor_config.json has them.
PROCESSOR = Qwen2VLImageProcessor(
    patch_size=16,
    merge_size=2,
    temporal_patch_size=2,
    image_mean=[0.5] * 3,
    image_std=[0.5] * 3,
    min_pixels=65_536,
    max_pixels=16_777_216,
)
PROTOS = [
    "tessera/image/v1/image.proto",
    "tessera/preprocess/v1/preprocess_service.proto",
    "google/rpc/status.proto",
]


def generate(folder: str) -> None:
    google = next(pathlib.Path(workers.ROOT).glob(".venv/lib/python3*/site-packages"))
    subprocess.run(
        ["protoc", f"-I{workers.ROOT}/proto", f"-I{google}", f"--python_out={folder}", *PROTOS],
        check=True,
    )
    sys.path.insert(0, folder)


def read(channel: grpc.Channel, content: bytes, side: int, kernel: str):
    """(grid, values) of one picture, by the stream: tensors may be large."""
    from tessera.image.v1 import image_pb2
    from tessera.preprocess.v1 import preprocess_service_pb2 as pb

    item = pb.StreamPreprocessItem(id="p", content=content)
    item.options.max_side_px = side
    item.options.engine_fit.engine = image_pb2.ENGINE_HUGGING_FACE
    item.options.kernel = image_pb2.Kernel.Value(kernel)
    item.tensor.type = image_pb2.TENSOR_TYPE_F32
    item.tensor.layout = image_pb2.TENSOR_LAYOUT_QWEN_PATCHES
    call = channel.stream_stream(
        "/tessera.preprocess.v1.PreprocessService/StreamPreprocess",
        request_serializer=pb.StreamPreprocessRequest.SerializeToString,
        response_deserializer=pb.StreamPreprocessResponse.FromString,
    )
    data, tensor = b"", None
    for answer in call(iter([pb.StreamPreprocessRequest(item=item)])):
        if answer.HasField("result"):
            if answer.result.HasField("error"):
                raise RuntimeError(answer.result.error.message)
            tensor = answer.result.tensor
        elif answer.HasField("tensor_chunk"):
            data += answer.tensor_chunk.data
    return list(tensor.grid_thw), numpy.frombuffer(data, "<f4").reshape(list(tensor.shape))


def main() -> None:
    with tempfile.TemporaryDirectory() as generated, workers.running_server(threads=2) as client:
        generate(generated)
        channel = grpc.insecure_channel(
            client.address, options=[("grpc.max_receive_message_length", -1)]
        )
        print(
            "| picture | sides | kernel | grid | equal | mean | 99.9 % | largest | PSNR, dB "
            "| equal samples, largest difference of values |"
        )
        print("|---" * 10 + "|")
        for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
            picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
            expected = PROCESSOR(images=[picture], return_tensors="np")
            theirs, grid = expected["pixel_values"], expected["image_grid_thw"][0].tolist()
            for kernel in ("KERNEL_BICUBIC", "KERNEL_LANCZOS3"):
                own_grid, ours = read(channel, path.read_bytes(), max(picture.size), kernel)
                if own_grid != grid:
                    print(f"| {path.name} | {picture.size} | - | {own_grid} not {grid} | | | | | | |")
                    continue
                steps = numpy.abs(ours - theirs) * 127.5
                equal = steps < 0.5
                psnr = 10 * numpy.log10(255**2 / max(numpy.mean(steps**2), 1e-9))
                print(
                    f"| {path.name} | {picture.width}x{picture.height} | {kernel[7:].lower()} "
                    f"| {grid[1]}x{grid[2]} | {equal.mean():.2%} | {steps.mean():.3f} "
                    f"| {numpy.quantile(steps, 0.999):.0f} | {steps.max():.0f} | {psnr:.1f} "
                    f"| {numpy.abs(ours - theirs)[equal].max():.1e} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
