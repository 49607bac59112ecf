# 'make help' lists what there is to do.
SHELL := /bin/bash
PY := .venv/bin/python
CLI := $(PY) -m include.cli
# The demo's parameters lie over params.yaml: a sample of each dump, small models.
DEMO_PARAMS ?= params.yaml:include/sample/params.yaml
DEMO := REWRAP_PARAMS=$(DEMO_PARAMS)
PYTEST := $(PY) -m pytest -q -p no:cacheprovider

# Without compiled modules every start of Airflow, DVC and vLLM takes three times as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo up down run test test-fast check format lock bench bench-ingest bench-rephrase clean

help: ## List these commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install both environments (Airflow's and the engine's)
	@scripts/setup.sh airflow engine

demo: setup ## The whole way, from two sample crawl dumps to trained models, under Airflow
	@$(DEMO) $(CLI) demo

up: setup ## Start Airflow with its UI and keep it running
	@$(DEMO) $(CLI) up

down: ## Stop Airflow
	@$(CLI) down

run: setup ## One dump without Airflow: make run CRAWL=<id> [SOURCE=<folder or address>]
	@test -n "$(CRAWL)" || { echo "Name a dump: make run CRAWL=<id> [SOURCE=<folder or address>]" >&2; exit 2; }
	@$(CLI) run --crawl "$(CRAWL)" $(if $(SOURCE),--source "$(SOURCE)") $(ARGS)

test: ## Everything: checks, unit tests, the real engine, the whole way under a real scheduler
	@scripts/setup.sh dev engine
	@$(MAKE) --no-print-directory check
	$(PYTEST) -n 2 --dist loadfile -m "not slow"
	$(PYTEST) -n 2 --dist loadfile -m slow

test-fast: ## The tests that need neither the engine nor Airflow's processes
	@scripts/setup.sh dev
	$(PYTEST) -n 2 --dist loadfile -m "not slow and not engine"

check: ## ruff, format, mypy
	@scripts/setup.sh dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: ## Apply ruff's fixes and format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock: ## Pin all dependencies anew
	@scripts/lock.sh

bench: ## Measure against the bare tools; results in bench/results/
	@for name in gate publish train; do echo "== $$name"; $(PY) -m bench.$$name || exit 1; done
	@echo "== semantics"; .venv-engine/bin/python -m bench.semantics

bench-ingest: ## Measure ingest beside its peers: make bench-ingest PAGES=<folder of pages with gold text>
	@test -n "$(PAGES)" || { echo "Name the pages: make bench-ingest PAGES=<folder of html_gold>" >&2; exit 2; }
	@scripts/setup.sh dev peers
	@for name in warc extract quality page_signals workers ingest; do \
	  echo "== $$name"; $(PY) -m bench.$$name "$(PAGES)" || exit 1; done
	@echo "== dedup"; $(PY) -m bench.dedup "$(PAGES)"

bench-rephrase: ## Measure rephrasing beside the bare engine: make bench-rephrase [PAGES=<folder of pages>] [ARGS=...]
	@scripts/setup.sh dev engine
	@echo "== rephrase"; $(PY) -m bench.rephrase $(if $(PAGES),--pages "$(PAGES)") $(ARGS)
	@echo "== rephrase_scale"; $(PY) -m bench.rephrase_scale $(if $(PAGES),"$(PAGES)")

clean: ## Stop Airflow and remove what Rewrap made (.rewrap); the environments stay
	@[ ! -x $(PY) ] || $(CLI) down
	rm -rf .rewrap .pytest_cache .mypy_cache .ruff_cache .hypothesis
