# Everything runs from .venv; `make` alone says what there is. A second run does only what changed.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LINKS := .typings/boosterwatch/.ready
EXTRAS := audit cohort spark picture prove bench dev
SOURCES := __init__.py cli.py engine rules schemas tests
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

# The interpreter, unless one is given (`make PYTHON=python3.12`): 3.11 or 3.12 where there is one, else
# a later one, on which the reference evaluator decides alone.
ifndef PYTHON
PYTHON := $(shell \
	usable() { "$$1" -c "import sys; sys.exit(not (3, 11) <= sys.version_info < $$2)" 2> /dev/null; }; \
	for python in python3.11 python3.12 python3; do usable $$python '(3, 13)' && echo $$python && exit; done; \
	for python in python3 python3.13 python3.14; do usable $$python '(4,)' && echo $$python && exit; done)
endif

.PHONY: help
help:  ## say what the targets do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

.PHONY: setup
setup: $(READY)  ## make .venv and install everything, pinned by hash

$(READY): requirements.lock pyproject.toml
	@$(MAKE) --no-print-directory --silent requirements
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	awk '/^[a-z]/ {take = /^(packaging|setuptools|wheel)==/} /^#/ {take = 0} take' requirements.lock > $(VENV)/build.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r $(VENV)/build.lock
	$(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# One clear line for what is missing, before anything is downloaded.
.PHONY: requirements
requirements:
	@test -n "$(PYTHON)" || { echo "setup: Python 3.11 or 3.12 is needed: apt-get install python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "setup: $(PYTHON) is not Python 3.11 or later: make setup PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "setup: $(PYTHON) cannot make virtual environments: apt-get install python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 13))' || { \
		command -v "$${CC:-cc}" > /dev/null || command -v gcc > /dev/null \
			|| { echo "setup: a C compiler is needed to build durable_rules: apt-get install gcc" >&2; exit 1; }; \
		"$(PYTHON)" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' \
			|| { echo "setup: Python.h is needed to build durable_rules: apt-get install python3-dev" >&2; exit 1; }; \
	}

.PHONY: links
links: $(LINKS)  ## make .typings, through which type checkers see the root folder as a package

$(LINKS): Makefile
	@mkdir -p $(@D)
	@for name in py.typed $(SOURCES); do ln -sfn "../../$$name" "$(@D)/$$name"; done
	@touch $@

.PHONY: demo
demo: $(READY)  ## evaluate a made-up patient and print the decision
	$(BIN)/boosterwatch demo

.PHONY: test
test: $(READY)  ## run the tests, on all cores
	$(BIN)/pytest --numprocesses auto --dist worksteal

.PHONY: check
check: format-check lint types test wheel  ## all that CI runs: format, lint, types, tests, doctests, wheel content

.PHONY: format
format: $(READY)  ## format the sources
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)

.PHONY: format-check
format-check: $(READY)
	$(BIN)/ruff format --check $(SOURCES)

.PHONY: lint
lint: $(READY)
	$(BIN)/ruff check $(SOURCES)

.PHONY: types
types: $(READY) $(LINKS)
	$(BIN)/mypy

# The wheel content and the doctests are tests too (tests/test_packaging.py, tests/test_doctests.py);
# this builds the release files, through the sdist, so that a left-over build/ cannot ship.
.PHONY: wheel
wheel: $(READY)  ## build sdist and wheel into dist/
	rm -rf build dist
	$(BIN)/python -m build --no-isolation --outdir dist . > $(VENV)/build.log 2>&1 || { cat $(VENV)/build.log >&2; exit 1; }
	@ls dist

.PHONY: golden
golden: $(READY)  ## rewrite expected texts; read the difference before you commit it
	BOOSTERWATCH_GOLDEN=1 $(BIN)/pytest -q

.PHONY: compiled
compiled: $(READY)  ## write the compiled form beside each pack
	for pack in rules/*/*/; do $(BIN)/python -m boosterwatch.engine.pack.compiled "$$pack"; done

.PHONY: bench
bench: $(READY)  ## measure; see docs/performance.md
	$(BIN)/pytest tests/bench --benchmark-only

PAIRS ?= 1000000
.PHONY: differential
differential: $(READY)  ## compare both engines on PAIRS generated packs and records (long)
	$(BIN)/python -m boosterwatch.tests.differential --pairs $(PAIRS) --jobs 2

PATIENTS ?= 100000
.PHONY: agreement
agreement: $(READY)  ## compare both evaluators, DuckDB and Spark on PATIENTS messy patients and 3 dates (long)
	$(BIN)/python -m boosterwatch.tests.cohort.campaign --patients $(PATIENTS) --jobs 2 --folder out/agreement

.PHONY: mutants
mutants: $(READY)  ## change the default pack in every small way; no change may go unnoticed (long)
	BOOSTERWATCH_SURVIVORS=100000 $(BIN)/pytest tests/author/mutate/test_survivors.py

.PHONY: boundaries
boundaries: $(READY)  ## take away the cases of every boundary, one side at a time; each must be missed (long)
	BOOSTERWATCH_BOUNDARIES=1000 $(BIN)/pytest tests/author/coverage/test_boundaries.py

.PHONY: swaps
swaps: $(READY)  ## swap versions in a host under load, 100,000 evaluations from 4 threads (long)
	$(BIN)/python -m boosterwatch.tests.host.under_load --evaluations 100000

.PHONY: flips
flips: $(READY)  ## flip every byte of a release and of a bundle; each must be noticed (long)
	BOOSTERWATCH_FLIPS=1 $(BIN)/pytest tests/author/release/test_flips.py
	$(BIN)/python -m boosterwatch.tests.host.flips

.PHONY: crashloop
crashloop: $(READY)  ## kill the audited command line 1,000 times; nothing acknowledged may be lost (long)
	$(BIN)/python -m boosterwatch.tests.audit.crashloop --rounds 1000

.PHONY: powercut
powercut: $(READY)  ## cut the power of the audit log 1,000 times (long)
	$(BIN)/python -m boosterwatch.tests.audit.powercut --cuts 1000

.PHONY: tamper
tamper: $(READY)  ## change every byte of an audit store; each is found or proved harmless (long)
	$(BIN)/python -m boosterwatch.tests.audit.check.tamper --all

.PHONY: replays
replays: $(READY)  ## record 100,000 decisions, and replay them in other processes (long)
	$(BIN)/python -m boosterwatch.tests.audit.replays --decisions 100000 --jobs 2

# Needs the network. Written for the lowest supported version; the same pins serve Python 3.12.
.PHONY: lock
lock: $(READY)  ## resolve the dependencies again and write requirements.lock
	$(BIN)/python -m pip install --quiet pip-tools
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet $(EXTRAS:%=--extra=%) --output-file=requirements.lock \
		--generate-hashes --allow-unsafe --strip-extras --no-emit-options --annotation-style=line $(LOCK_OPTIONS) pyproject.toml

.PHONY: clean
clean:  ## delete everything that can be made again
	rm -rf $(VENV) .typings build dist out *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -prune -exec rm -rf {} +
