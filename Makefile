# make run    set up (once) and open the dashboard on the bundled study
# make test   set up (once) and run everything that CI runs
# make docs   set up (once) and serve the docs as a site
# Both do their own set-up on a fresh Debian or macOS with Python 3.11 or newer.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# $(call step,NAME,COMMAND): run a step of the checks, and say how long it took.
step = @echo "== $(1)"; start=$$(date +%s); $(2) && echo "== $(1): took $$(( $$(date +%s) - start )) s"

# Every test process reads what an earlier one compiled, whatever the machine is set to.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint types contracts browser-code collected docs-site docs unit browser test-all bench pictures clean

run: $(VENV)/.ready
	@echo "Opening the dashboard; Ctrl-C ends it."
	@$(BIN)/branchwise

# The theme announces its successor at length.
docs-site docs: export NO_MKDOCS_2_WARNING = 1

# A link that leads nowhere is an error.
docs-site: $(VENV)/.ready-dev
	$(call step,docs as a site,$(BIN)/mkdocs build --quiet)

docs: docs-site
	@echo "Docs at http://127.0.0.1:8765; Ctrl-C ends it."
	@$(BIN)/mkdocs serve --quiet --dev-addr 127.0.0.1:8765

# Code for the browser needs nothing of Python: it is checked while Python's packages are installed. Browser tests wait
# more than they compute: the other tests run beside them, where they leave the processor free, and types at first.
test:
	@$(MAKE) --no-print-directory -j2 $(VENV)/.ready-dev browser-code
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory -j4 types contracts docs-site unit browser FIRST=collected
	@echo "All checks passed."

lint: $(VENV)/.ready-dev
	$(call step,format and lint,$(BIN)/ruff format --check . && $(BIN)/ruff check .)

types: $(VENV)/.ready-dev
	$(call step,types,$(BIN)/mypy)

contracts: $(VENV)/.ready-dev
	$(call step,which folder may import which,$(BIN)/lint-imports)

# Types need the compiler of tests/browser_code/package.json, which is fetched once.
browser-code:
	@echo "== code that runs in the browser"
	@if command -v node >/dev/null; then node --test tests/browser_code/; \
	else echo "Skipped: node is not installed. The browser tests still run this code."; fi
	@if ! command -v npm >/dev/null; then echo "Types skipped: npm is not installed."; \
	elif cd tests/browser_code && npm ci --silent --no-audit --no-fund; then npx tsc; \
	else echo "Types skipped: npm could not fetch the compiler."; fi

# Several processes that begin at once would each compile what they read, this program and the libraries, and then each
# the inner loops of the search, for twenty seconds.
collected: $(VENV)/.ready-dev
	$(call step,reading all tests once,said=$$($(BIN)/python -m pytest -qq --collect-only) || (echo "$$said"; exit 1))
	$(call step,compiling inner loops once,$(BIN)/python -c 'from core.selection.search import warm_up; warm_up()')

# Each process takes half of the tests in a row, as tests of a file share what takes long to make; who is done first helps.
unit: $(VENV)/.ready-dev $(FIRST)
	$(call step,unit and page tests,nice -n 5 $(BIN)/python -m pytest -m "not slow" --ignore=tests/browser -n 2 --dist worksteal)

# Each takes a third of the files in a row, as the tests of a file may share a server. Three: each waits half of its time.
browser: $(VENV)/.ready-dev $(FIRST)
	$(call step,browser tests,$(BIN)/python -m pytest -m "not slow" tests/browser -n 3 --dist worksteal)

test-all: $(VENV)/.ready-dev lint types contracts browser-code
	@$(BIN)/python -m pytest

bench: $(VENV)/.ready-dev
	@$(BIN)/python benchmarks/search.py
	@$(BIN)/python benchmarks/start.py

pictures: $(VENV)/.ready-dev
	@$(BIN)/python assets/pictures/make.py

$(VENV)/bin/python:
	@echo "== making $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "Branchwise needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1)
	@$(PYTHON) -m venv $(VENV) || (echo "This Python can't make virtual environments. On Debian: apt install python3-venv"; exit 1)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip || echo "pip stays as it is: it takes longer."

$(VENV)/.ready: pyproject.toml | $(VENV)/bin/python
	$(call step,installing Branchwise and what it needs (torch is large: some minutes the first time),$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .)
	@touch $@

# Not compiled: what tests import of torch is compiled then, and that takes seconds where all of it takes half a minute.
$(VENV)/.ready-dev: pyproject.toml | $(VENV)/bin/python
	$(call step,installing Branchwise and its tests (torch is large: some minutes the first time),$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[dev]')
	@touch $(VENV)/.ready $@

clean:
	rm -rf $(VENV) build site *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
