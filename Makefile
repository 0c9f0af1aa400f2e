# Execution Operations. `make help` lists what there is; everything needs only Python >= 3.11, pip and make.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
# A stamp holds what was installed from: it is older than its lock when the lock has changed.
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
export REFLEX_TELEMETRY_ENABLED := false
export REFLEX_CHECK_LATEST_VERSION := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without bytecode each process would compile 700 modules of ours at its start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up dev wheel test test-browser test-engine test-faults test-contract fuzz check openapi browser servers shots bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: $(RUNTIME) ## set everything up and serve the console with a worker on http://127.0.0.1:8420
	@$(BIN)/python -m execution_ops.frontend
	@exec $(BIN)/execution-ops up

dev: $(DEV) ## the same with hot reload
	@exec $(BIN)/python -m execution_ops.dev

test: check browser servers ## set everything up and run the suite, all but what is marked long
	$(BIN)/python -m execution_ops.frontend
	$(BIN)/pytest -n auto --maxprocesses 4

check: $(DEV) ## format, lint, types and import rules, without the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

wheel: $(DEV) ## pack a wheel that carries the compiled console into dist/
	$(BIN)/python deploy/wheel.py dist

shots: $(DEV) browser ## look at every page and dialog, with pictures in both themes and at 390x844 in .shots/
	$(BIN)/python -m execution_ops.frontend
	rm -rf .shots
	$(BIN)/pytest tests/e2e/walk/test_look.py -n 2 -m "long or not long"

bench: $(DEV) browser servers ## the benchmarks; each prints tables; takes more than an hour, and 4 GB of disk
	$(BIN)/python -m execution_ops.frontend
	rm -rf .bench && mkdir .bench
	$(BIN)/python -m benchmarks.seed --url $(SEEDED)
	$(BIN)/python -m benchmarks.list_jobs --url $(SEEDED)
	$(BIN)/python -m benchmarks.console --url $(SEEDED)
	$(BIN)/python -m benchmarks.delivery
	$(BIN)/python -m benchmarks.overview
	$(BIN)/python -m benchmarks.graph
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.dead_letters
	$(BIN)/python -m benchmarks.baselines
	$(BIN)/python -m benchmarks.scheduler
	$(BIN)/python -m benchmarks.stream
	$(BIN)/python -m benchmarks.audit --url sqlite:///.bench/audit.db
	$(BIN)/python -m benchmarks.kits
	$(BIN)/python -m benchmarks.retention --url sqlite:///$(CURDIR)/.bench/retention.db
	$(BIN)/python -m benchmarks.wheel
	rm -rf .bench

SEEDED := sqlite:///$(CURDIR)/.bench/seeded.db

test-faults: $(DEV) browser ## what kills, freezes and cuts off, at full length; takes half an hour
	$(BIN)/python -m execution_ops.frontend
	$(BIN)/pytest tests/faults -m "long or not long"

fuzz: $(DEV) ## verify 100,000 offline kits that are nearly right; takes some twenty minutes
	$(BIN)/python -m tests.fuzz_kits --cases 100000

test-browser: $(DEV) browser servers ## every story in the browser; takes long
	$(BIN)/python -m execution_ops.frontend
	$(BIN)/pytest tests/e2e -n 2 -m "long or not long"

test-engine: $(DEV) ## the engine on PostgreSQL as well as on SQLite; takes long
	$(BIN)/pytest tests/conformance -n 2 -m "long or not long"

test-contract: $(DEV) ## many more requests against the contract of the REST interface than `make test` makes; takes long
	$(BIN)/pytest tests/api tests/security -n 2 -m "long or not long"

openapi: $(DEV) ## write docs/openapi.json, the contract of the REST interface, from the code
	$(BIN)/python -m execution_ops.api.contract

lock: $(DEV) ## resolve the dependencies anew and pin them with their hashes
	$(BIN)/uv pip compile $(LOCKING) --upgrade --extra build pyproject.toml requirements-build.in -o requirements.lock
	$(BIN)/uv pip compile $(LOCKING) --upgrade --extra dev -c requirements.lock pyproject.toml requirements-build.in \
		-o requirements-dev.lock
	touch requirements.lock requirements-dev.lock

LOCKING := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

clean: ## remove what was built and measured; data and environment stay
	rm -rf .web .web.lock .states .shots .bench .servers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The locks are whole. Without --no-deps, older pips look for the newest release of a package that is needed with
# an extra, and then refuse it because it is not the one that is pinned.
$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements-dev.lock
	$(BIN)/pip check
	@touch $@

# The tests drive a Chromium of the system, so that no browser is fetched from elsewhere.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || test -n "$$CHROMIUM" || { \
		echo "Installing Chromium with apt."; \
		SUDO=$$(test "$$(id -u)" = 0 || echo sudo); \
		$$SUDO apt-get update -qq && $$SUDO apt-get install -qq -y --no-install-recommends chromium; }

# The tests serve an export with nginx and Caddy of Debian. Unpacked, not installed: no service of the system starts,
# and nobody has to be root. Where there is no apt, both have to be there, nginx with its module for static brotli.
SERVERS := .servers
SERVER_PACKAGES := nginx libnginx-mod-http-brotli-static caddy

servers: $(SERVERS)/.unpacked

$(SERVERS)/.unpacked:
	@mkdir -p $(SERVERS)
	@! command -v apt-get >/dev/null || { \
		echo "Unpacking nginx and Caddy into $(SERVERS)."; \
		cd $(SERVERS) && { apt-get download -qq $(SERVER_PACKAGES) 2>/dev/null || { \
			SUDO=$$(test "$$(id -u)" = 0 || echo sudo); \
			$$SUDO apt-get update -qq && apt-get download -qq $(SERVER_PACKAGES); }; } && \
		for package in *.deb; do dpkg -x "$$package" . && rm "$$package" || exit 1; done; }
	@touch $@
