# Vouch in a container: the page, or with another command the server. On the CPU; --build-arg EXTRA=gpu for NVIDIA cards.
#   docker build -t vouch . && docker run -p 127.0.0.1:8501:8501 -v vouch:/data vouch
FROM python:3.11-slim
ARG EXTRA=""
# hadolint ignore=DL3008  # the release's: an older one is not kept there
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml MANIFEST.in README.md LICENSE requirements-*.txt ./
COPY rag rag
COPY app app
COPY indexes indexes
COPY eval/results/summary.json eval/results/
# hadolint ignore=DL3013  # pinned in pyproject.toml
RUN pip install --no-cache-dir ".${EXTRA:+[$EXTRA]}"
RUN useradd --create-home --uid 1000 vouch \
    && mkdir /data \
    && chown vouch:vouch /data
WORKDIR /data
USER 1000
# Models, indexes, settings (vouch.toml) and the ledger: all that is to be kept.
ENV VOUCH_HOME=/data
VOLUME /data
EXPOSE 8501 8600
CMD ["vouch", "app", "--server.address=0.0.0.0"]
