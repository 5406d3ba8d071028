# Every target works without make too; the real commands are Python's.
.DEFAULT_GOAL := help
.PHONY: help demo up down reset status doctor logs lint types test test-slow coverage mutants real-data attack bench clean
.PHONY: audit docs bootstrap bootstrap-dev style

# What Python compiles is kept: a run starts hundreds of processes, and each would compile the whole product anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python -W ignore
# Most of the suite waits for engines and processes, so more workers than cores are of use.
WORKERS := 4
SLOW_WORKERS := 2
ALONGSIDE := $(PYTHON) -m client.main

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: bootstrap ## Start a stack with six invented hosts and walk one period to the board's table
	@$(ALONGSIDE) demo

up: bootstrap ## Start the stack: engines, tenants, board, custodian
	@$(ALONGSIDE) up

down: bootstrap ## Stop the stack; its data stays
	@$(ALONGSIDE) down

reset: bootstrap ## Stop the stack and delete its data; asks, unless CONFIRM=1
	@$(ALONGSIDE) reset $(if $(filter 1,$(CONFIRM)),--yes)

status: bootstrap ## Show what runs, and whether it works
	@$(ALONGSIDE) status

doctor: bootstrap ## Say what is wrong and which command mends it
	@$(ALONGSIDE) doctor

logs: ## Follow every log of the stack
	@tail -n 20 -F "$${ALONGSIDE_HOME:-.alongside}"/logs/*

lint: bootstrap-dev style types ## Check style, format, types and the layers' import order

style: bootstrap-dev ## Check style, format and the layers' import order only
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && PYTHONPATH=. .venv/bin/lint-imports

types: bootstrap-dev ## Check types only
	@.venv/bin/mypy

# With PART, the tests of that part alone and no lint: what one runs again and again while working on a service.
ifdef PART
test: bootstrap-dev
	@paths=$$($(PYTHON) -m tests.kit.parts $(PART)) && $(PYTHON) -m pytest -m "not slow" -n $(WORKERS) --durations 10 --durations-min 1 $$paths
else
# The check of types is one process for a minute, so it runs beside the tests; both must pass, and it has the last word.
test: style ## Lint, and the suite in parallel with its own broker and database; PART=case: one service's tests alone
	@mkdir -p build && rm -f build/types.code
	@{ .venv/bin/mypy >build/types.log 2>&1; echo $$? >build/types.code; } & \
	$(PYTHON) -m pytest -m "not slow" -n $(WORKERS) --durations 25 --durations-min 3 --budget; tests=$$?; \
	wait; cat build/types.log; types=$$(cat build/types.code || echo 1); [ $$tests -ne 0 ] || tests=$$types; exit $$tests
endif

# Pytest's 5 says that no test was chosen, which for the slow ones is no failure.
test-slow: bootstrap-dev ## The long tests: fault storms, fuzzing, an ordinary user's run, a sample of mutants
	@$(PYTHON) -m pytest -m slow -n $(SLOW_WORKERS) --durations 25 --durations-min 3 || [ $$? -eq 5 ]

# Printed to be read, never a gate; what services' own processes run counts too.
coverage: export COVERAGE_FILE = $(CURDIR)/build/coverage/data
coverage: bootstrap-dev ## Print which branches of the product no test took; PART=case: by one service's tests
	@rm -rf build/coverage && mkdir -p build/coverage
	@paths=$(if $(PART),$$($(PYTHON) -m tests.kit.parts $(PART)),tests) && $(PYTHON) -m coverage run -m pytest -m "not slow" -n $(WORKERS) $$paths
	@$(PYTHON) -m coverage combine -q && $(PYTHON) -m coverage report

mutants: bootstrap-dev ## Break the product on purpose: a sample of the day; ALL=1: every edit of the list; SHARE=2/8: an eighth
	@$(PYTHON) -m tests.kit.mutants $(if $(SHARE),--share $(SHARE),$(if $(filter 1,$(ALL)),--all))

real-data: bootstrap-dev ## Run the published tables of ../shared/data through the real stack
	@$(PYTHON) -m pytest -s tests/e2e/test_real_data.py

attack: bootstrap ## Play every attacker against real and generated years; stopped, it goes on; FULL=1: with 200 keys
	@$(PYTHON) -m deploy.attack $(if $(filter 1,$(FULL)),--full)

bench: bootstrap-dev ## Measure speed beside the obvious design, and what idle hosts cost
	@$(PYTHON) -m deploy.bench && $(PYTHON) -m deploy.bench.imports && $(PYTHON) -m deploy.bench.statistics && $(PYTHON) -m deploy.bench.pages && $(PYTHON) -m deploy.bench.idle

audit: ## Ask the public lists of known weaknesses about every locked package; needs the network
	@python3 -m venv build/audit && build/audit/bin/python -m pip install --quiet pip-audit==2.10.1 && build/audit/bin/pip-audit --strict --disable-pip --require-hashes -r deploy/locks/runtime.txt

docs: bootstrap-dev ## Write the reference pages from the code and build the documentation into build/site
	@$(PYTHON) -m deploy.docs.generate && NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict && echo build/site/index.html

clean: ## Delete the virtual environment and caches, never data
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist

bootstrap:
	@deploy/bootstrap.sh runtime

bootstrap-dev:
	@deploy/bootstrap.sh dev
