# Duijie 对接. `make demo` and `make test` set up all they need: Python 3.11, git and make are enough.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export OMP_NUM_THREADS ?= 2
export HF_HUB_OFFLINE ?= 1

.PHONY: setup demo test check format bench screenshots clean

$(VENV)/.ready: requirements.lock pyproject.toml
	command -v $(PYTHON) >/dev/null && $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -c "import sys; assert sys.version_info[:2] == (3, 11), 'Python 3.11 is needed: make PYTHON=...'"
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

setup: $(VENV)/.ready ## create the virtual environment

demo: setup ## the fictional sample market: import, match, dashboard
	$(BIN)/duijie demo

check: setup ## the quick part: format, lint, types, import contracts, unit and contract tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -m "not slow" -n 2

test: setup ## everything CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	-sh tests/browser/setup.sh  # without a browser its tests say so and skip
	$(BIN)/python -m pytest -n 2

format: setup ## format the code and mend what lint can
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

bench: setup ## speed and memory of every stage, quality of every encoder (long; not a test)
	$(BIN)/python -m evaluation.bench

clean: ## remove the virtual environment and the demo's files
	rm -rf $(VENV) .demo
