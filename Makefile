# Duijie 对接. `make demo` and `make test` set up all they need: Python 3.11, git and make are enough.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
RESULTS := .demo/results
EARLIER := --as-of 2008-07-01 --as-of 2009-07-01 --as-of 2010-07-01
export OMP_NUM_THREADS ?= 2
export HF_HUB_OFFLINE ?= 1

.PHONY: setup demo test check format bench bench-ui documents screenshots clean

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
	mkdir -p $(RESULTS)
	$(BIN)/python -m evaluation.bench --json $(RESULTS)/bench.json

bench-ui: setup ## the pages on 50,000 projects, 5,000 institutions and 1 M matches (minutes; needs chromium; not a test)
	$(BIN)/python tests/browser/bench_ui.py

documents: setup ## every figure of docs/benchmarks.md and docs/model-card.md anew; DATA=folder of the CrunchBase export
	@test -n "$(DATA)" || { echo "make documents DATA=PATH (edges.csv, companies.csv, investors.csv)"; exit 2; }
	mkdir -p $(RESULTS)
	set -e; for s in dev test heldout unseen; do $(BIN)/duijie evaluate labelled --set $$s --out $(RESULTS)/labelled-$$s.json; \
	  for l in short long; do $(BIN)/duijie evaluate ablation --set $$s --length $$l --json > $(RESULTS)/ablation-$$s-$$l.json; done; done
	set -e; for t in cold warm deals; do $(BIN)/duijie evaluate crunchbase $(DATA) --task $$t --out .demo/crunchbase --json > $(RESULTS)/crunchbase-$$t.json; \
	  $(BIN)/duijie evaluate crunchbase $(DATA) --task $$t $(EARLIER) --out .demo/crunchbase --json > $(RESULTS)/crunchbase-$$t-earlier.json; done
	set -e; for t in cold warm; do $(BIN)/duijie evaluate ablation --crunchbase $(DATA) --task $$t --json > $(RESULTS)/ablation-$$t.json; \
	  $(BIN)/duijie evaluate learned $(DATA) --task $$t --json > $(RESULTS)/learned-$$t.json; done
	$(BIN)/duijie evaluate duplicates --json > $(RESULTS)/duplicates-11.json
	$(BIN)/duijie evaluate duplicates --seed 202 --json > $(RESULTS)/duplicates-202.json
	$(BIN)/duijie evaluate duplicates --records 100000 --pairs 10000 --seed 5 --json > $(RESULTS)/duplicates-large.json
	$(BIN)/duijie demo --no-serve
	$(BIN)/duijie calibrate --store .demo/duijie.duckdb --as-of 2022-12-31 --format json > $(RESULTS)/calibrate.json
	$(BIN)/duijie evaluate document --results $(RESULTS)

clean: ## remove the virtual environment and the demo's files
	rm -rf $(VENV) .demo
