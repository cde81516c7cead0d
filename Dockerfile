# SPDX-License-Identifier: Apache-2.0
# build -> test -> files -> the images `preprocess` and `inference`. No image without passed unit
# tests. The images hold Debian's base, one binary of ours, and the shared libraries that it loads.
ARG DEBIAN_VERSION=bookworm-slim

FROM debian:${DEBIAN_VERSION} AS build
WORKDIR /src
COPY tools/setup.sh tools/
COPY tools/lib tools/lib
COPY engine/lib engine/lib
RUN tools/setup.sh build tracing && rm -rf /var/lib/apt/lists/*
COPY . .
ARG JOBS=2
RUN --mount=type=cache,target=/root/.cache/ccache tools/build.sh release "${JOBS}"

FROM build AS test
ARG JOBS=2
RUN tools/setup.sh test && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/root/.cache/ccache tools/build.sh release "${JOBS}" all
RUN ctest --preset release --label-regex '^unit$' --repeat until-pass:2 --parallel "${JOBS}"

FROM debian:${DEBIAN_VERSION} AS base

FROM test AS files
COPY --from=base /var/lib/dpkg/status /base-packages
COPY deploy/docker/collect_files.sh /usr/local/bin/
RUN collect_files.sh /files/inference build/bin/tessera-inference
# Of libvips' five plug-ins only HEIF goes along. The service blocks the other four (ImageMagick,
# Poppler, OpenSlide, JPEG XL); what is not in the image need not be blocked.
RUN collect_files.sh /files/preprocess build/bin/tessera-preprocess \
      /usr/lib/x86_64-linux-gnu/vips-modules-8.14/vips-heif.so

FROM debian:${DEBIAN_VERSION} AS inference
COPY --from=files /files/inference/ /
ENV TESSERA_INFERENCE_LISTEN=0.0.0.0:7001 \
    TESSERA_INFERENCE_METRICS_LISTEN=0.0.0.0:9101
USER 10001:10001
EXPOSE 7001 9101
HEALTHCHECK --interval=10s --timeout=5s CMD ["tessera-inference", "--healthcheck"]
ENTRYPOINT ["tessera-inference"]

FROM debian:${DEBIAN_VERSION} AS preprocess
COPY --from=files /files/preprocess/ /
ENV TESSERA_PREPROCESS_LISTEN=0.0.0.0:7000 \
    TESSERA_PREPROCESS_METRICS_LISTEN=0.0.0.0:9100
USER 10001:10001
EXPOSE 7000 9100
HEALTHCHECK --interval=10s --timeout=5s CMD ["tessera-preprocess", "--healthcheck"]
ENTRYPOINT ["tessera-preprocess"]
