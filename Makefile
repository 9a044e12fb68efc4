PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TEST_INSTALLED := $(VENV)/.installed-test
# A group of tests that share something goes to one core, in the order that tests/conftest.py says.
PYTEST := $(BIN)/python -m pytest --quiet --numprocesses auto --dist loadgroup --no-loadscope-reorder
# Versions alone: with hashes pip takes nothing editable, and PyTorch's differ by where it looks.
VERSIONS := $(VENV)/versions.txt
SLOW := crash or milvus or ray or browser or model or server or slow

# Compiled once, not by each of the processes that tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup locked chat build evaluate test quick check style types tests quick-tests crash fuzz lock sbom licences bench bench-crowd bench-scale

help:  ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(INSTALLED)  ## make .venv with the package in it

locked: $(VERSIONS)  ## make .venv of exactly the files that requirements.lock names
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED) $(TEST_INSTALLED)

chat: $(INSTALLED)  ## set up, index the articles of seeds/, open the chat
	$(BIN)/rag build
	$(BIN)/python app.py

build: $(INSTALLED)  ## bring the index up to date with the articles
	$(BIN)/rag build

evaluate: build  ## ask the gold questions about seeds/ and print the measures
	$(BIN)/rag evaluate --gold tests/gold/seeds.jsonl

# Style, types and tests side by side: each leaves a core idle now and then.
test: $(TEST_INSTALLED)  ## set up, check style and types, run every test
	@$(MAKE) --no-print-directory -j3 style types tests

quick: $(TEST_INSTALLED)  ## style, types, and the tests that need nothing but Python: a minute
	@$(MAKE) --no-print-directory -j3 style types quick-tests

check: $(TEST_INSTALLED)  ## style and types only
	@$(MAKE) --no-print-directory -j2 style types

style: $(TEST_INSTALLED)  ## ruff has nothing to say
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { $(BIN)/ruff format --check .; exit 1; }

types: $(TEST_INSTALLED)  ## mypy has nothing to say
	@$(BIN)/mypy

tests: $(TEST_INSTALLED)  ## every test, and nothing else
	@$(PYTEST)

quick-tests: $(TEST_INSTALLED)  ## the tests of make quick, and nothing else
	@$(PYTEST) -m "not ($(SLOW))"

# For the night: some minutes. CRASHES=… is how many builds are killed at a line of the code;
# CRASH_SEED=… repeats the run that printed it.
crash: $(TEST_INSTALLED)  ## kill many builds, each time others, and look at what is left
	CRASHES=$(or $(CRASHES),420) CRASH_SEED=$(or $(CRASH_SEED),random) $(BIN)/python -m pytest -s -m crash

# FUZZ=… is how many files are damaged and requests sent, FUZZ_SEED=… repeats the run that printed
# it. The requests take some twenty minutes.
fuzz: $(TEST_INSTALLED)  ## damage many files and read them, send the chat many hostile requests
	FUZZ=$(or $(FUZZ),2000) FUZZ_SEED=$(or $(FUZZ_SEED),14) $(BIN)/python -m pytest -s tests/ingest/fuzz
	FUZZ=$(or $(FUZZ),10000) FUZZ_SEED=$(or $(FUZZ_SEED),14) $(BIN)/python -m pytest -s tests/ui/fuzz

lock: $(TEST_INSTALLED)  ## write the hashes of what requirements.lock names anew
	@$(PYTHON) -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/python -m tests.supply_chain.lock $(VENV)/lock/bin/uv

sbom: $(TEST_INSTALLED)  ## list what the program is made of, as CycloneDX
	@$(BIN)/python -m tests.supply_chain.sbom

licences: $(TEST_INSTALLED)  ## list the licence of each package and file that it is made of
	@$(BIN)/python -m tests.supply_chain.sbom --licences

bench: $(TEST_INSTALLED)  ## measure speed, as ratios within one run
	$(BIN)/python -m tests.benchmarks.bench

# PEOPLE=… ask for SECONDS=…, each THINK=… seconds after an answer.
bench-crowd: $(TEST_INSTALLED)  ## have fifty people ask at once, and compare what each gets
	$(BIN)/python -m tests.benchmarks.crowd --people $(or $(PEOPLE),50) --seconds $(or $(SECONDS),60) --think $(or $(THINK),0)

# Takes 25 minutes and 27 GB; PASSAGES=100000 two and 3 GB. FOLDER=… keeps what is made.
bench-scale: $(TEST_INSTALLED)  ## build and ask an index of a million made-up passages
	$(BIN)/python -m tests.benchmarks.million $(PASSAGES) $(if $(FOLDER),--folder $(FOLDER))

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, found " + sys.version.split()[0] + "; name another with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VERSIONS): requirements.lock | $(VENV)/bin/python
	@sed -n 's/^\([A-Za-z0-9._-]*==[^ ;]*\).*/\1/p' requirements.lock > $@

# The lock names no place, so pip may take its files from wherever it is set to look.
$(INSTALLED): $(VENV)/bin/python pyproject.toml $(VERSIONS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(VERSIONS) --editable .
	@touch $@

# Not compiled: what tests import of it is, by the first that does, and that is a twentieth.
$(TEST_INSTALLED): $(VENV)/bin/python pyproject.toml $(VERSIONS)
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --constraint $(VERSIONS) --editable '.[test]'
	@touch $(INSTALLED) $@
