# One image for every kind of process; what it runs is the container's command (docker-compose.yml, k8s/).
#
#   docker build -t alongside:local .
#
# In service, name the base by digest: --build-arg PYTHON_IMAGE=python@sha256:… Without a registry or a package
# index, deploy/offline/build.sh makes the base image and the folder of wheels (docs/offline.md).
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS builder
# Such as "--no-index" where deploy/offline/wheels holds every wheel; the hashes are checked either way.
ARG PIP_OPTIONS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /build
# The script is named so that the line holds where no folder of wheels was made.
COPY deploy/offline/build.sh deploy/offline/wheels* wheels/
COPY deploy/locks/runtime.txt deploy/sbom/cyclonedx.txt ./
# Compiled below, by content and without site: pip writes times, and what site imports changes the bytes.
# Without the packages' own wishes: nameko's for eventlet is not granted (docs/decisions/0030-native-threads.md).
RUN python -m venv /venv \
    && /venv/bin/python -m pip install --no-compile --no-deps --only-binary :all: --require-hashes --find-links wheels \
        ${PIP_OPTIONS} -r runtime.txt
# The bill of materials says what stands in /venv; its maker does not.
COPY pyproject.toml ./
RUN python -m venv /sbom \
    && /sbom/bin/python -m pip install --only-binary :all: --require-hashes --find-links wheels ${PIP_OPTIONS} \
        -r cyclonedx.txt \
    && /venv/bin/python -m pip uninstall --yes pip \
    && mkdir -p /venv/share/sbom \
    && /sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-format JSON \
        --output-file /venv/share/sbom/alongside.cdx.json /venv/bin/python \
    # The packages' own tests: a fifth of the image.
    && find /venv/lib -type d -name tests -prune -exec rm -rf {} + \
    && find /venv/lib -type d -name __pycache__ -prune -exec rm -rf {} + \
    && PYTHONHASHSEED=0 python -S -m compileall -q --invalidation-mode unchecked-hash /venv/lib
COPY client /app/client
COPY deploy /app/deploy
COPY services /app/services
COPY shared /app/shared
# What only a checkout needs stays out; code is compiled here, since nothing can be written later.
RUN rm -rf /app/deploy/offline /app/deploy/bench /app/deploy/locks /app/deploy/sbom \
    && PYTHONHASHSEED=0 python -S -m compileall -q --invalidation-mode unchecked-hash /app

FROM ${PYTHON_IMAGE}
ARG PYTHON_IMAGE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Alongside" \
      org.opencontainers.image.description="Backend for piloting independent advocacy for survivors of modern slavery." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}"
RUN groupadd --gid 10001 alongside \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin alongside \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/alongside
COPY --from=builder /venv /venv
COPY --from=builder /app /app
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONWARNINGS=ignore \
    OPENBLAS_NUM_THREADS=1 \
    HOME=/tmp
WORKDIR /app
USER 10001:10001
# Process 1 is Python itself, which takes SIGTERM and has no children: no init is needed.
STOPSIGNAL SIGTERM
# A newer engine looks each 5 s while a start lasts: of fifty containers that is more than two processors' work, which
# would keep the start from its end. So only the first looks are close together, and a slow start has five minutes.
HEALTHCHECK --interval=60s --timeout=20s --start-period=20s --retries=5 \
    CMD ["python", "-m", "deploy.containers.healthy"]
CMD ["python", "-m", "client.main", "--help"]
