# .venv belongs to this file: it is built anew, from the exact versions of constraints.txt, whenever the lock changes
# or a set-up did not end. PYTHON=python3.12 chooses the interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOG := $(VENV)/install.log
# Two processes of tests, each with one BLAS thread: with two each they wait for one another.
TESTS := OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install -c constraints.txt

.DEFAULT_GOAL := table
.NOTPARALLEL:
.PHONY: help table test check bench clean

table: $(VENV)/.run  ## print Table S.1, certified (the default)
	@$(BIN)/symkernel table

test: $(VENV)/.dev  ## run the test suite
	@$(TESTS) --hypothesis-profile=ci

check: $(VENV)/.dev  ## everything, slowly: style, types, all tests with many examples, mutation
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(TESTS) -m "slow or not slow" --hypothesis-profile=long
	@if [ -f tests/mutation.py ]; then $(BIN)/python tests/mutation.py; fi

bench: $(VENV)/.dev  ## run the side-by-side measurements
	@for script in $(sort $(wildcard benchmarks/*.py)); do \
	    echo "== $$script" && $(BIN)/python "$$script" || exit 1; done

clean:  ## remove the environment and everything derived
	rm -rf $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache .coverage mutants dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /\1\t/p' Makefile

# install EXTRA: an empty environment, the build backend, then symkernel itself, editable, all from the lock.
# The log is shown only when a step fails; the caller sets its stamp after all of it.
define install
	@$(PYTHON) -c 'import sys; sys.exit("symkernel needs Python 3.11 or newer; name one: make PYTHON=python3.11" \
	    if sys.version_info < (3, 11) else 0)'
	@echo "setting up $(VENV) (once, about a minute) ..." >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@{ $(PIP) hatchling && $(PIP) --no-build-isolation -e '.$(1)'; } >$(LOG) 2>&1 || { cat $(LOG) >&2; exit 1; }
endef

$(VENV)/.run: pyproject.toml constraints.txt
	$(call install,)
	@touch $@

# All that the run needs, and more: it serves for both.
$(VENV)/.dev: pyproject.toml constraints.txt
	$(call install,[dev])
	@touch $(VENV)/.run $@
