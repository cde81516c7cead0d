# SPDX-License-Identifier: Apache-2.0
"""Tensors through the running service against NumPy: every type, layout and usual normalisation.

tensor_reference_test.py BINARIES SCRATCH: folders of the built programs and for logs. Needs Pillow,
NumPy, protobuf, protoc, and a curl that speaks HTTP/2: a unary gRPC call is one POST.
"""

from __future__ import annotations

import io
import itertools
import pathlib
import struct
import subprocess
import sys
import unittest

import numpy
import running
from PIL import Image

BINARIES, SCRATCH = (pathlib.Path(a) for a in sys.argv[1:3])
SITE_PACKAGES = pathlib.Path(numpy.__file__).parents[1]
PROTOS = [
    "tessera/image/v1/image.proto",
    "tessera/preprocess/v1/preprocess_service.proto",
    "google/rpc/status.proto",
]
NORMALISATIONS = {
    "Qwen3-VL": ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
    "CLIP": ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]),
    "ImageNet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
}
PATCH, MERGE, TEMPORAL = 16, 2, 2
# On the grid of patches, so that the picture goes through as it is.
SIDES = [(64, 32), (96, 160), (768, 576)]


def setUpModule() -> None:
    SCRATCH.mkdir(parents=True, exist_ok=True)
    includes = [f"-I{running.ROOT}/proto", f"-I{SITE_PACKAGES}"]
    subprocess.run(["protoc", *includes, f"--python_out={SCRATCH}", *PROTOS], check=True)
    sys.path.insert(0, str(SCRATCH))
    global image, pb
    from tessera.image.v1 import image_pb2 as image
    from tessera.preprocess.v1 import preprocess_service_pb2 as pb


def noise(width: int, height: int) -> numpy.ndarray:
    return numpy.random.default_rng(width).integers(0, 256, (height, width, 3), numpy.uint8)


def png(pixels: numpy.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def prepare(address: str, request):
    """PreprocessImage of the service at `address`."""
    message = request.SerializeToString()
    curl = ["curl", "--silent", "--show-error", "--http2-prior-knowledge", "--data-binary", "@-"]
    curl += ["--header", "content-type: application/grpc", "--header", "te: trailers"]
    curl += [f"http://{address}/tessera.preprocess.v1.PreprocessService/PreprocessImage"]
    frame = struct.pack(">BI", 0, len(message)) + message
    answer = subprocess.run(curl, input=frame, stdout=subprocess.PIPE, check=True).stdout
    if len(answer) < 5:
        raise AssertionError("the call was refused")
    return pb.PreprocessImageResponse.FromString(answer[5:])


def arrange(values: numpy.ndarray, layout: str) -> numpy.ndarray:
    """Values of height x width x 3 in the order of `layout`."""
    if layout == "NHWC":
        return values[None]
    planes = values.transpose(2, 0, 1)
    if layout == "NCHW":
        return planes[None]
    frames = numpy.stack([planes] * TEMPORAL)
    rows, columns = (side // PATCH // MERGE for side in values.shape[:2])
    cut = frames.reshape(1, TEMPORAL, 3, rows, MERGE, PATCH, columns, MERGE, PATCH)
    cut = cut.transpose(0, 3, 6, 4, 7, 2, 1, 5, 8)
    return cut.reshape(rows * columns * MERGE**2, 3 * TEMPORAL * PATCH**2)


def bits_of(values: numpy.ndarray, kind: str) -> numpy.ndarray:
    """The values, rounded to `kind`, as the integers whose bits they have."""
    single = values.astype("<f4")
    if kind == "F32":
        return single.view("<i4")
    if kind == "F16":
        return single.astype("<f2").view("<i2")
    wide = single.view("<u4")
    return ((wide + 0x7FFF + ((wide >> 16) & 1)) >> 16).astype("<u2").view("<i2")


def ordered(bits: numpy.ndarray) -> numpy.ndarray:
    """Integers whose differences are units in the last place."""
    lowest = numpy.iinfo(bits.dtype).min
    wide = bits.astype(numpy.int64)
    return numpy.where(wide < 0, lowest - wide, wide)


class TensorReferenceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        server = running.service(BINARIES / "tessera-preprocess", SCRATCH / "preprocess.log")
        cls.address = cls.enterClassContext(server)

    def tensor(self, pixels: numpy.ndarray, kind: str, layout: str, mean=(), std=()):
        request = pb.PreprocessImageRequest(content=png(pixels))
        request.tensor.type = image.TensorType.Value(f"TENSOR_TYPE_{kind}")
        request.tensor.layout = image.TensorLayout.Value(f"TENSOR_LAYOUT_{layout}")
        request.tensor.mean.extend(mean)
        request.tensor.std.extend(std)
        tensor = prepare(self.address, request).tensor
        stored = {"U8": "u1", "F32": "<i4"}.get(kind, "<i2")
        return numpy.frombuffer(tensor.data, stored).reshape(tensor.shape)

    def test_samples_are_arranged_as_numpy_arranges_them(self) -> None:
        for sides, layout in itertools.product(SIDES, ("NHWC", "NCHW", "QWEN_PATCHES")):
            pixels = noise(*sides)
            with self.subTest(sides=sides, layout=layout):
                ours = self.tensor(pixels, "U8", layout)
                numpy.testing.assert_array_equal(ours, arrange(pixels, layout))

    def test_values_are_within_one_unit_in_the_last_place_of_float64(self) -> None:
        kinds, layouts = ("F16", "BF16", "F32"), ("NHWC", "NCHW", "QWEN_PATCHES")
        worst: dict[str, int] = {}
        values = 0
        for sides, kind, layout, name in itertools.product(SIDES, kinds, layouts, NORMALISATIONS):
            pixels = noise(*sides)
            # What a caller states is a float.
            mean, std = (numpy.float32(v).astype(float) for v in NORMALISATIONS[name])
            with self.subTest(sides=sides, kind=kind, layout=layout, normalisation=name):
                ours = self.tensor(pixels, kind, layout, mean, std)
                truth = arrange((pixels / 255.0 - mean) / std, layout)
                self.assertEqual(ours.shape, truth.shape)
                apart = numpy.abs(ordered(ours) - ordered(bits_of(truth, kind))).max()
                self.assertLessEqual(apart, 1)
                worst[kind] = max(worst.get(kind, 0), int(apart))
                values += ours.size
        print(f"{values:,} values, units in the last place at most: {worst}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
