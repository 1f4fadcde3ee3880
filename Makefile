# `make demo` and `make test` work on a fresh machine: Python 3.11 or later, make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: setup demo test check prove slow cql fhir bench clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

demo: setup
	@echo "A published patient (Ida 2023, case 1; the paper's day 1 is written as 2000-12-31):"; echo
	@$(BIN)/trivium assess tests/data/patients/ida2023_case1.json --as-of 2000-12-31
	@echo; echo "What does the label of tofacitinib say to 186 lymphocytes per microlitre?"; echo
	@$(BIN)/trivium eval tests/data/patients/ida2023_case1.json "lymphocyte_count < 500 '/uL'" --as-of 2000-12-31
	@echo; echo "Another patient, of whom almost nothing is known yet, is in tests/data/forms/almost_nothing_known.yaml:"
	@echo "  .venv/bin/trivium assess tests/data/forms/almost_nothing_known.yaml"

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/trivium check

test: check cql fhir
	$(BIN)/python -m pytest -n auto -m "not slow"

# The independent CQL engine that the criteria are held against; without it those tests skip (in CI they fail).
cql: tools/cql/node_modules/.ready

tools/cql/node_modules/.ready: tools/cql/package-lock.json
	cd tools/cql && npm ci --no-audit --no-fund --silent
	@touch $@

# The independent validator that emitted FHIR R4 is held against; without it those tests skip (in CI they fail).
fhir: tools/fhir/node_modules/.ready

tools/fhir/node_modules/.ready: tools/fhir/package-lock.json
	cd tools/fhir && npm ci --no-audit --no-fund --silent
	@touch $@

# The laws over all states of a patient, and a hundred thousand random patients: minutes, in every CI run.
prove: setup
	$(BIN)/python -m pytest -n auto -m slow tests/knowledge

# The readings against one another in volume, independent engines included: half an hour, before a release.
slow: setup cql fhir
	$(BIN)/python -m pytest -n auto -m slow

bench: setup cql
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.cql
	$(BIN)/python -m benchmarks.calendar
	$(BIN)/python -m benchmarks.synthesis
	$(BIN)/python -m benchmarks.treatment

clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis
