# Two commands matter: `make run` and `make test`. Both need only Python (3.11 to 3.13) and make.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PORT   ?= 8501
LOCALE := core/locale

.PHONY: run test check lint types messages bench browser clean

run: $(VENV)/.installed  ## start SegScope on this machine and open the browser
	$(BIN)/streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

test: check browser  ## everything: style, types, every test, a real browser
	$(BIN)/python -m pytest tests/e2e

check: $(VENV)/.installed-dev lint types  ## style, types and the tests without a browser
	$(BIN)/python -m pytest --ignore=tests/e2e

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

messages: $(VENV)/.installed-dev  ## collect the texts, update the catalogues, compile them
	$(BIN)/pybabel -q extract -F pyproject.toml -k N_ -k gettext --no-default-keywords -k _ -k ngettext:1,2 \
	  --no-location --sort-output --project SegScope -o $(LOCALE)/segscope.pot app.py core pages
	$(BIN)/pybabel -q update -i $(LOCALE)/segscope.pot -d $(LOCALE) -D segscope \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	rm $(LOCALE)/segscope.pot
	$(BIN)/pybabel -q compile -d $(LOCALE) -D segscope
