# One image for every service; the command names which: `holdfast ingest`, `holdfast profiles`, ...
FROM python:3.11-slim-bookworm AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
ENV UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
WORKDIR /opt/holdfast
COPY pyproject.toml uv.lock .python-version README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project
COPY events ./events
COPY domain ./domain
COPY schemas ./schemas
COPY infra ./infra
COPY services ./services
RUN uv sync --frozen --no-dev

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /var/lib/holdfast --shell /usr/sbin/nologin holdfast
COPY --from=build /opt/holdfast /opt/holdfast
ENV PATH=/opt/holdfast/.venv/bin:$PATH PYTHONUNBUFFERED=1 HOLDFAST_DATA=/var/lib/holdfast/data
USER 10001
WORKDIR /var/lib/holdfast
ENTRYPOINT ["holdfast"]
CMD ["--help"]
