# Quarterdeck. `make help` lists the targets; each installs what it needs into .venv first.

VENV := .venv
PY := $(VENV)/bin/python
# The first Python that is new enough; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
PG ?= 18
DEBIAN := sh tools/debian.sh
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test e2e check bench format requirements

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(PY):
	@test -n "$(PYTHON)" || { echo "Quarterdeck needs Python 3.11 or later. Install it, or say where it is: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python cannot make a virtual environment here. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.runtime: requirements.txt | $(PY)
	@echo "Installing what the portal needs (once; about a minute) ..."
	@$(PY) -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.development: requirements.txt requirements-dev.txt $(VENV)/.runtime
	@echo "Installing what tests and checks need ..."
	@$(PY) -m pip install --quiet -r requirements.txt -r requirements-dev.txt
	@touch $@

run: $(VENV)/.runtime ## start the portal; PORT=8501 chooses the port, DEMO=0 starts without demo data
	@exec $(PY) -m tools.run

test: $(VENV)/.development ## every test but the browser journeys; PG=15 uses Debian's PostgreSQL 15, ARGS=... goes to pytest
	@test "$(PG)" = 18 || $(DEBIAN) /usr/lib/postgresql/$(PG)/bin/initdb postgresql-$(PG)
	@TEST_PG=$(PG) $(PY) -m pytest -n 4 --dist worksteal --ignore=tests/e2e -m "not e2e" $(ARGS)

e2e: $(VENV)/.development ## the browser journeys, in headless Chromium
	@$(DEBIAN) /usr/bin/chromium chromium
	@$(PY) -m pytest tests/e2e $(ARGS)

check: $(VENV)/.development ## lint, format, types, import contracts, migrations against models
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()" --no-logo
	@$(PY) -m tools.check_migrations

bench: $(VENV)/.development ## the benchmarks; ONLY=name runs one group; figures also in .data/bench.json
	@$(PY) -m bench $(ONLY)

format: $(VENV)/.development ## let ruff format the code and fix what it can
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

requirements: $(VENV)/.development ## pin requirements*.txt again from requirements*.in; ARGS=--upgrade for newer versions
	@$(PY) -m piptools compile $(ARGS) -o requirements.txt requirements.in
	@$(PY) -m piptools compile $(ARGS) -o requirements-dev.txt requirements-dev.in
