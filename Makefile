# Two commands matter: `make run` and `make test`. Both need only Python (3.11 to 3.13) and make; the JavaScript is
# checked where node and npm are there too.
#
#   make run PORT=8600                 this port and no other; without it, 8501 or the next that is free
#   make run PYTHON=python3.13         another Python
#   make run TORCH_INDEX=              on Linux: the usual PyTorch, with CUDA and gigabytes more
#   make run TORCH_INDEX=ADDRESS       on Linux: PyTorch without CUDA from another index than its own

PYTHON ?= python3
VENV   ?= .venv
PORT   ?=
BIN    := $(VENV)/bin
LOCALE := core/locale
# Elsewhere the usual PyTorch has no CUDA in it.
ifeq ($(shell uname -s),Linux)
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
endif

.PHONY: help run test check coverage lint types js messages bench browser clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */\1	/' | column -t -s '	'

run: $(VENV)/.run  ## install what is missing, start SegScope, open it in the browser
	$(BIN)/streamlit run app.py --server.address 127.0.0.1 $(if $(PORT),--server.port $(PORT))

# Two processes, a file of tests at a time, in our order: the browser tests come last (tests/conftest.py says why).
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: lint types js browser  ## everything: style, types, every test, the real browser included
	$(PYTEST)

check: lint types js  ## the quick part: style, types, tests without a browser
	$(PYTEST) -m "not e2e"

coverage: $(VENV)/.dev  ## how much of core the tests without a browser run; fails below the floor in pyproject.toml
	$(PYTEST) -m "not e2e" --cov --cov-report=term

lint: $(VENV)/.dev  ## style, and the laws of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: $(VENV)/.dev  ## types
	$(BIN)/mypy

js:  ## style, types and tests of the JavaScript, with node (20 or later) and npm
	@if command -v npm >/dev/null; then cd tests/js \
	  && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent --no-audit --no-fund; } \
	  && npm run --silent lint && npm run --silent types && npm run --silent test -- --test-reporter=dot; \
	else echo "No npm: the JavaScript is neither linted nor tested here, except in the browser."; fi

messages: $(VENV)/.dev  ## collect the texts, update the catalogues, compile them
	$(BIN)/python -m core.locale

bench: $(VENV)/.dev browser  ## measure, and write the table of the README
	$(BIN)/python -m core.bench --readme

# A browser for the tests: one that is there, or Debian's, or playwright's own.
browser: $(VENV)/.dev
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; \
	then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-nanum >/dev/null; \
	else $(BIN)/playwright install chromium || echo "No browser: its tests will be skipped."; fi

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "SegScope needs Python 3.11, 3.12 or 3.13: try 'make run PYTHON=python3.12'."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(BIN)/python
	@test -z "$(TORCH_INDEX)" || $(BIN)/python -m pip install -q --no-deps --retries 1 --timeout 15 \
	  --index-url "$(TORCH_INDEX)" $$(grep -Eo '^torch(vision)?==[0-9.]+' requirements.txt) 2>/dev/null \
	  || echo "PyTorch's builds without CUDA cannot be reached: the usual ones are taken, with gigabytes of CUDA."
	$(BIN)/python -m pip install -q -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-peers.txt $(VENV)/.run
	$(BIN)/python -m pip install -q -r requirements-dev.txt
	$(BIN)/python -m pip install -q --no-deps -r requirements-peers.txt
	@touch $@

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) tests/js/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
