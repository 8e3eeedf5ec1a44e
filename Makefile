# lti_mcred: `make help` lists what there is.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# How many tests run at a time: one more than there are cores, because those with servers and browsers wait a good deal.
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
PYTEST_ARGS ?=
HOUSE_ARGS ?=
MODULE ?=
INSIDE = --dist loadgroup -m "not live" tests/unit tests/conformance tests/functional
# In CI, in the run that is made anyway: what the tests reach, and the gate that asks for it.
COVERED = --cov --cov-report= --cov-fail-under=0
GATE = $(BIN)/python -m coverage json -q --fail-under 0 -o build/coverage.json && $(BIN)/python config/test/coverage build/coverage.json
EVERYTHING = --dist loadgroup tests/unit tests/conformance tests/functional tests/interop tests/faults tests/journeys
# Tests start the program often; it is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

##@ Try it
.PHONY: demo demo-reset story
demo: $(VENV)/.run ## Start the tool and a practice LMS; prints what to open
	@$(BIN)/lti-mcred demo

demo-reset: $(VENV)/.run ## Start the demo over, without yesterday's data
	@$(BIN)/lti-mcred demo --reset

story: $(VENV)/.run ## Play the main job over HTTP and report each step
	@$(BIN)/lti-mcred story

##@ Work on it
.PHONY: test quick coverage unit mutation lint format advisories bench house problems pictures wheel
test: $(VENV)/.dev ## Run every layer of tests (installs what it may, says what it skips)
	@config/test/prepare
	@rm -f .test-times.json .coverage .coverage.*
	@mkdir -p build
	$(BIN)/python -m pytest -n $(JOBS) $(EVERYTHING) --times $(if $(PYTEST_ARGS),$(PYTEST_ARGS),--every-problem $(if $(CI),$(COVERED)))
	$(if $(PYTEST_ARGS),,$(if $(CI),$(GATE)))

quick: $(VENV)/.dev ## Run within 90 s what says most: rules and protocol once each, five of each functional file
	$(BIN)/python -m pytest -n 2 --quick $(INSIDE) $(PYTEST_ARGS)

coverage: $(VENV)/.dev ## Run all tests that start no server with coverage: 95 %, and every line and branch of rules
	@rm -f .coverage .coverage.*
	@mkdir -p build
	$(BIN)/python -m pytest -n 2 $(INSIDE) $(COVERED) $(PYTEST_ARGS)
	@$(BIN)/python -m coverage report --fail-under 0
	@$(GATE)

unit: $(VENV)/.dev ## Run the tests of single modules only
	$(BIN)/python -m pytest -n 2 tests/unit $(PYTEST_ARGS)

mutation: $(VENV)/.dev ## Change the rules and see whether a test notices: make mutation MODULE=rubric (or all, by hand)
	@$(BIN)/python config/test/mutation $(MODULE)

lint: $(VENV)/.dev ## Check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

advisories: $(VENV)/.dev ## Look for known advisories of the pinned packages
	@$(BIN)/python config/test/advisories

bench: $(VENV)/.dev ## Measure launches, badges and scores; writes bench/results/latest.md
	$(BIN)/python -m bench

house: $(VENV)/.dev ## Count the house: rooms, lines, imports, the files of a launch
	@$(BIN)/python -m house $(HOUSE_ARGS)

problems: $(VENV)/.dev ## Write docs/problems.md from the tables of what the pages say
	@$(BIN)/python -m house.problems

pictures: $(VENV)/.dev ## Take the pictures of the documentation again (needs Chromium)
	LTI_MCRED_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/journeys/test_pictures.py

wheel: $(VENV)/.dev ## Build the wheel into dist/
	$(BIN)/python -m uv build --wheel --no-build-isolation -q

##@ Keep it
.PHONY: lock migration messages clean
lock: $(VENV)/.dev ## Choose new exact versions within pyproject's ranges
	$(BIN)/python -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q pyproject.toml -o constraints.txt --upgrade
	$(BIN)/python -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q --extra dev -c constraints.txt pyproject.toml -o constraints-dev.txt --upgrade

migration: $(VENV)/.dev ## Write a migration for changed tables: make migration NAME="add x"
	$(BIN)/python -m migrations "$(NAME)"

messages: $(VENV)/.dev ## Collect every sentence for translators into build/messages.pot
	@mkdir -p build
	$(BIN)/pybabel -q extract -F config/babel.cfg -k _l -k lazy_gettext -k N_ -o build/messages.pot .

clean: ## Remove what was built (keeps the demo's data)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .coverage .coverage.* $(VENV)

##@ Help
.PHONY: help
help: ## Show this
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lti_mcred needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 …")'
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python constraints.txt pyproject.toml
	@echo "Installing lti_mcred and what it needs (exact, hashed versions) …"
	@test -f $(VENV)/.dev || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r constraints.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python constraints-dev.txt pyproject.toml
	@echo "Installing lti_mcred with its development tools …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r constraints-dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run
