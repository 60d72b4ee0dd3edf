# Roundtrip. `make` alone lists the commands. Nothing here needs more than make and Python 3.11; the rest installs itself.

VENV := .venv
RUN := $(VENV)/bin
DEMO_READY := $(VENV)/.ready-demo
DEV_READY := $(VENV)/.ready-dev
PYTEST_ARGS ?=
BENCH_ARGS ?=

# Versions of every package for every platform, with hashes and without addresses: the same file installs from any index.
LOCK := $(RUN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet

# Where this is set, each of the hundreds of processes that the tests start would compile all of Roundtrip again: it doubles their time.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo install test lint format bench docs lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(if $(wildcard $(DEV_READY)),$(DEV_READY),$(DEMO_READY))  ## start the server and a small site that uses it (Ctrl-C stops both)
	@exec $(RUN)/python -m examples.demo

install: $(DEV_READY)  ## make .venv with roundtrip and the development tools

test:  ## install what the tests need, then run all of them (PYTEST_ARGS="-k login")
	@scripts/setup-tests
	@$(MAKE) --no-print-directory $(DEV_READY)
	$(RUN)/python -m pytest -n 2 $(PYTEST_ARGS)

lint: $(DEV_READY)  ## style, types and the import contract
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy
	$(RUN)/lint-imports

format: $(DEV_READY)  ## let ruff put the code into shape
	$(RUN)/ruff check --fix-only
	$(RUN)/ruff format

bench: $(DEV_READY)  ## measure (BENCH_ARGS="--quick --json figures.json")
	$(RUN)/python -m benchmarks $(BENCH_ARGS)

docs: $(DEV_READY)  ## write docs/reference/ again from the code
	PYTHONPATH=. $(RUN)/python scripts/generate_reference.py

lock: $(DEV_READY)  ## resolve requirements/*.txt again after a change to pyproject.toml
	$(LOCK) pyproject.toml -o requirements/runtime.txt
	$(LOCK) --group build --group demo -c requirements/runtime.txt pyproject.toml -o requirements/demo.txt
	$(LOCK) --group build --group demo --group dev -c requirements/demo.txt pyproject.toml -o requirements/dev.txt

clean:  ## remove .venv and everything that was made, but not your databases
	rm -rf $(VENV) build dist tests/sdk/node_modules tests/sdk/build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests examples benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(DEV_READY): requirements/dev.txt pyproject.toml scripts/make-venv scripts/find-python
	@scripts/make-venv $(VENV) requirements/dev.txt
	@touch $@

$(DEMO_READY): requirements/demo.txt pyproject.toml scripts/make-venv scripts/find-python
	@scripts/make-venv $(VENV) requirements/demo.txt
	@touch $@
