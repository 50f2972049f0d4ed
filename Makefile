# Every target makes the virtual environment and installs what it needs by itself.
#   make demo     legacy programs on aiortc, on purertc_compat, and migrated
#   make test     lint, tests with the coverage gate, docs; installs coturn when it is root
#   make compiled a wheel with compiled modules in dist, and all the tests on it
#   make interop  everything against real peers: TURN server, NATs, aiortc, browsers
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/lock.txt
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	--constraint $(LOCK) --build-constraint $(LOCK)
TYPED := core compat migrate tests demo benchmarks tools examples_new hatch_build.py
WORKERS ?= 2
# Where the tests of the API write on which runtime they passed; the documentation shows it.
RUNTIME_TABLE := $(CURDIR)/build/runtimes.jsonl

# What the tests against browsers came to; the documentation shows it.
MATRIX_PAGE := docs/reference/browser_matrix.md

# Where the compiled build is tested, and the tests that tell soon whether it behaves as its sources.
COMPILED := build/compiled-venv
INSTALL_COMPILED := $(subst $(BIN)/python,$(COMPILED)/bin/python,$(INSTALL))
COMPILED_TESTS := tests/packaging tests/wire tests/sansio tests/leaks tests/equivalence

.PHONY: demo test test-compiled compiled lint bench figures docs interop clean
.DEFAULT_GOAL := test

$(VENV)/.pip: $(LOCK)
	PYTHON="$(PYTHON)" sh tools/make_venv.sh $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(LOCK) --upgrade pip
	@touch $@

$(VENV)/.demo: $(VENV)/.pip pyproject.toml
	$(INSTALL) --editable ".[all]" --group demo
	@touch $@

$(VENV)/.development: $(VENV)/.demo
	$(INSTALL) --group test --group lint --group docs
	@touch $@

demo: $(VENV)/.demo
	$(BIN)/python -m demo

test: lint
	sh tools/install_network_tools.sh
	@rm -f $(RUNTIME_TABLE)
	PURERTC_RUNTIME_TABLE=$(RUNTIME_TABLE) $(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report= $(PYTEST_ARGS)
	@mkdir -p build
	$(BIN)/coverage json --quiet -o build/coverage.json
	$(BIN)/python -m tools.branch_coverage build/coverage.json --package core/purertc --minimum 90
	$(MAKE) test-compiled
	$(MAKE) docs

test-compiled: $(COMPILED)/.installed
	PURERTC_COMPILED=1 $(COMPILED)/bin/python -m pytest -n $(WORKERS) $(COMPILED_TESTS) $(PYTEST_ARGS)

compiled: $(COMPILED)/.installed
	sh tools/install_network_tools.sh
	PURERTC_COMPILED=1 $(COMPILED)/bin/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

$(COMPILED)/.installed: $(VENV)/.pip pyproject.toml hatch_build.py README.md LICENSE \
		$(shell find core compat migrate -name '*.py' -o -name py.typed)
	@rm -f dist/purertc-*-cp*.whl
	PURERTC_COMPILE=1 $(subst install,wheel,$(INSTALL)) --no-deps --wheel-dir dist .
	PYTHON="$(BIN)/python" sh tools/make_venv.sh $(COMPILED)
	$(COMPILED)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(LOCK) --upgrade pip
	$(INSTALL_COMPILED) "$$(echo dist/purertc-*-cp*.whl)[all]" --group test
	$(INSTALL_COMPILED) --force-reinstall --no-deps dist/purertc-*-cp*.whl
	@touch $@

lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports

# Everything in one short run each, in a few minutes; peers that need it get an environment of their
# own in build/peers. BENCH_ARGS="--scenario round-trip --peer purertc --peer wrtc --runs 5" and such.
bench: $(VENV)/.demo
	$(BIN)/python -m benchmarks --quick $(BENCH_ARGS)

# The full runs, into the documentation; the machine should have nothing else to do.
figures: $(VENV)/.demo
	$(BIN)/python -m benchmarks --pages docs/performance $(BENCH_ARGS)

docs: $(VENV)/.development
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

# The run of all the tests, not of a part (PYTEST_ARGS), writes the page of the browsers.
interop: $(VENV)/.development
	sh tools/install_network_tools.sh
	sh tools/install_browsers.sh
	@mkdir -p build
	@rm -f build/interop.xml
	PURERTC_BROWSERS=1 PURERTC_NETWORKS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup \
		--junitxml build/interop.xml tests/interop $(PYTEST_ARGS); \
	status=$$?; \
	$(if $(PYTEST_ARGS),,$(BIN)/python -m tools.browser_matrix build/interop.xml $(MATRIX_PAGE) || status=1;) \
	exit $$status

clean:
	rm -rf $(VENV) build dist docs/_build .coverage .coverage.* \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
