# syntax=docker/dockerfile:1
# An image for CPUs, or with --build-arg VARIANT=cuda for NVIDIA's GPUs; docs/containers.md has the commands.
ARG VARIANT=cpu

FROM python:3.11-slim-bookworm AS wheel
WORKDIR /src
RUN --mount=type=cache,target=/root/.cache/pip pip install build==1.6.1
COPY pyproject.toml LICENSE NOTICE README.md ./
COPY conf conf
COPY extradata/demo extradata/demo
COPY extradata/fonts extradata/fonts
COPY render render
RUN python -m build --wheel --outdir /dist

FROM python:3.11-slim-bookworm AS base-cpu
# Torch's builds for CPUs; the usual ones bring several GB of CUDA's libraries.
ARG TORCH_BACKEND=cpu EXTRAS=[mannequin,view]

# The smallest kind, because torch and Warp bring CUDA's libraries themselves; of the CUDA that torch is built for.
FROM nvidia/cuda:13.0.2-base-ubuntu24.04 AS base-cuda
# What Ubuntu has at the time: its archive keeps no older versions to be pinned.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
ARG TORCH_BACKEND=cu130 EXTRAS=[mannequin,view,gpu-cuda13]

# hadolint ignore=DL3006
FROM base-${VARIANT} AS packages
# uv knows where the builds of torch for each backend are.
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.8 && /opt/uv/bin/uv venv /opt/venv
ENV VIRTUAL_ENV=/opt/venv
COPY requirements.txt /src/
COPY --from=wheel /dist /dist
RUN --mount=type=cache,target=/root/.cache/uv \
    /opt/uv/bin/uv pip install --torch-backend="$TORCH_BACKEND" -r /src/requirements.txt "$(echo /dist/*.whl)$EXTRAS"

# hadolint ignore=DL3006
FROM base-${VARIANT}
COPY --from=packages /opt/venv /opt/venv
# Compiled kernels and what is kept of inputs: a volume there keeps them from one container to the next.
ENV PATH=/opt/venv/bin:$PATH XDG_CACHE_HOME=/cache
# Whoever the container runs as may write there, and needs no account: names are asked of these variables first.
RUN install -d -m 1777 /cache /work
ENV HOME=/tmp USER=render
USER 1000:1000
WORKDIR /work
ENTRYPOINT ["smpl-render"]
