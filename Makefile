# make demo   set up, make the examples' data, judge both examples
# make test   set up and pass every check that CI runs
# make fix    format, and mend what the linter can mend
# make bench  the benchmarks behind the figures in docs/

BIN := .venv/bin

.PHONY: demo test setup lint fix bench clean

setup:
	@scripts/setup

demo: setup
	@scripts/demo

test: setup lint
	@scripts/test

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python tests/benchmarks/startup.py
	$(BIN)/python tests/benchmarks/policies.py
	HEADWATER_OPA=$$(scripts/opa) $(BIN)/python tests/benchmarks/policies_opa.py
	$(BIN)/python tests/benchmarks/lineage.py --cold
	$(BIN)/python tests/benchmarks/lineage_ingest.py
	$(BIN)/python tests/benchmarks/labels.py
	$(BIN)/python tests/benchmarks/gate.py
	$(BIN)/python tests/benchmarks/checks.py
	$(BIN)/python tests/benchmarks/retention.py

clean:
	rm -rf .venv .cache examples/*/.headwater
