# Everything runs in .venv, made by uv from uv.lock. Where there is no uv, one is put into .tools/.
export UV_PYTHON_DOWNLOADS := never
# Where compiled modules may not be kept, every process that a test starts compiles all of them anew.
unexport PYTHONDONTWRITEBYTECODE

UV_VERSION := 0.13.9
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/bin/uv)
PYTHON := $(shell command -v python3.11 >/dev/null 2>&1 && echo python3.11 || echo python3)
BIN := .venv/bin
# A process a core, each with servers of its own; who runs dry takes over from the others.
PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal
SYNCED := .venv/.synced

.DEFAULT_GOAL := help
SECRETS := kafka_admin kafka_ingest kafka_profiles kafka_learning kafka_alerts kafka_archive kafka_console kafka_ops redis postgres
.PHONY: help setup demo test test-all soak-kafka bench up down broker broker-stop lint format schemas vendor

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(SYNCED) ## Install the locked dependencies into .venv

demo: $(SYNCED) ## Import a real sales history, show who is leaving, open the console
	@sh samples/demo.sh

test: lint ## Lint, types, import contracts, and every test that is not slow
	$(PYTEST) -m "not slow"

test-all: lint ## The same with the slow tests
	$(PYTEST)

FAULTS ?= 200
SEED ?= 1
soak-kafka: $(SYNCED) ## Kafka mode through FAULTS=200 faults that SEED=1 chooses, checked after each
	$(BIN)/python -m tests.faults.soak --faults $(FAULTS) --seed $(SEED)

bench: $(SYNCED) ## Measure decoding, folding, learning, rebuilding and the door
	$(BIN)/python -m bench

up: $(SECRETS:%=build/secrets/%) ## Run Holdfast on Kafka, Redis and PostgreSQL with Docker Compose
	docker compose up --build --detach --wait

down: ## Stop it; its volumes stay
	docker compose down

# The folder keeps others out; the files can be read by the users that containers run as.
build/secrets/%:
	@mkdir -p build/secrets && chmod 700 build/secrets
	@head -c 24 /dev/urandom | base64 | tr -d '=+/\n' > $@ && chmod 644 $@

broker: $(SYNCED) ## Start a Kafka broker for developers in build/kafka (Java 17, Maven)
	@$(BIN)/python -m infra.kafka start

broker-stop: $(SYNCED) ## Stop it
	@$(BIN)/python -m infra.kafka stop

lint: $(SYNCED) ## Style, formatting, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(SYNCED) ## Format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schemas: $(SYNCED) ## Write schemas/ anew from the vocabulary in events/
	$(BIN)/python -m schemas.generate

vendor: $(SYNCED) ## Bring what the console's pages load from npm into services/console/static/vendor
	$(BIN)/python -m services.console.vendoring

$(SYNCED): uv.lock pyproject.toml .python-version $(filter .tools/%,$(UV))
	$(UV) sync --frozen
	@touch $@

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "Holdfast needs Python 3.11; $(PYTHON) is another" >&2; exit 1; }
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
