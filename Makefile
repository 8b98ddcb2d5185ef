# Everything one does with a checkout of the portal. `make` alone lists it.
# Targets build .venv out of requirements/dev.txt when it is missing or older, and install what the machine lacks.

# The first Python that is new enough, under whichever name the machine has it.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
BUILT := .venv/.built
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --no-strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options
PARALLEL ?= auto
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.PHONY: help demo test check bench attack lock translations migration clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BUILT) $(CATALOGUES)  ## a sample board, its people and a running portal
	$(BIN)/parentportal demo

test: $(BUILT) $(CATALOGUES)  ## every test, on SQLite and PostgreSQL and in a browser (ARGS="-k words" for some)
	@$(BIN)/python -m tests.machine tests
	$(BIN)/pytest -n $(PARALLEL) --dist worksteal $(ARGS)

check: $(BUILT)  ## format, lint, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(BUILT) $(CATALOGUES)  ## every figure of speed against its bar, as ratios in one run (needs wrk)
	$(BIN)/python -m tests.bench

attack: $(BUILT) $(CATALOGUES)  ## attacks on the ways in at their full dose (ARGS="--row B1,R3 --database sqlite --dose small")
	@$(BIN)/python -m tests.machine tests
	$(BIN)/python -m tests.attack $(ARGS)

translations: $(BUILT)  ## gather the sentences, renew every language and compile it
	$(BIN)/pybabel extract --mapping-file pyproject.toml --sort-output --no-location \
		--output translations/messages.pot parentportal templates
	$(BIN)/pybabel update --input-file translations/messages.pot --output-dir translations --no-fuzzy-matching \
		--ignore-obsolete --ignore-pot-creation-date --width 110
	$(BIN)/pybabel compile --directory translations

migration: $(BUILT)  ## draft the next numbered step: make migration NAME="what it does"
	$(BIN)/python -m parentportal.migrations.draft "$(NAME)"

lock: $(BUILT)  ## renew requirements/*.txt out of pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(COMPILE) $(UPGRADE) --output-file requirements/runtime.txt pyproject.toml
	$(COMPILE) $(UPGRADE) --extra dev --constraint requirements/runtime.txt \
		--output-file requirements/dev.txt pyproject.toml

clean:  ## forget what the tools remember; .venv and var stay
	rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache htmlcov .coverage

%.mo: %.po | $(BUILT)
	$(BIN)/pybabel --quiet compile --directory translations

$(BUILT): requirements/dev.txt pyproject.toml
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: apt-get install python3.11"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m tests.machine venv
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
