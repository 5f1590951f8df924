# One command each: `make demo` shows the register at work, `make test` checks everything.

BIN := .venv/bin
SERVE ?= 1
PUBLIC_PORT ?= 8000
STAFF_PORT ?= 8001
WORKERS ?= 2

.PHONY: help venv demo test system lint types contracts tests coverage bench clean

help:
	@echo 'make demo          a throw-away register from submission to verification, then both sites'
	@echo 'make demo SERVE=0  the same, and end after the run'
	@echo 'make test          everything that is checked: style, types, imports, tests'
	@echo 'make bench         the measured claims'
	@echo 'make venv          only the environment for development, in .venv'
	@echo 'make clean         remove what tools left behind (neither .venv nor var, where a register may lie)'

demo: .venv/installed-runtime
	$(BIN)/certreg demo --public-port $(PUBLIC_PORT) --staff-port $(STAFF_PORT) $(if $(filter 0,$(SERVE)),--no-serve)

test: system lint types contracts tests

system:
	.ci/install-debian test

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-dev
	$(BIN)/mypy

contracts: .venv/installed-dev
	$(BIN)/lint-imports

tests: system .venv/installed-dev .venv/oracle/installed
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -q

coverage: .venv/installed-dev
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

bench: .venv/installed-dev
	$(BIN)/python -m bench

venv: .venv/installed-dev

# A stamp is newer than the lock it was made from; another lock is installed over the same environment.
.venv/installed-runtime: requirements.lock pyproject.toml
	.ci/environment requirements.lock
	touch $@

.venv/installed-dev: requirements-dev.lock pyproject.toml
	.ci/environment requirements-dev.lock
	touch $@ .venv/installed-runtime

# Another COSE library to ask; it has an environment of its own, because it wants older versions of ours.
.venv/oracle/installed: tests/oracles/requirements.lock .venv/installed-dev
	$(BIN)/python -m venv --clear .venv/oracle
	.venv/oracle/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

clean:
	rm -rf build dist *.egg-info htmlcov .coverage .coverage.* mutants
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -print0 | xargs -0r rm -rf
