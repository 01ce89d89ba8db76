# Everything is set up by these targets; nothing but python3, pip, make (and apt for the browser tests) is needed.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: help demo serve test test-long lint bench oracle pictures front front-lock browser lock clean

BIN := .venv/bin
UV_VERSION := 0.13.9
JOBS ?= 2
SERVE ?= 1

help:
	@echo "make demo             import, send, read and report with an embedded provider, then serve the desk"
	@echo "make demo SERVE=0     the same, and stop after the reports"
	@echo "make serve            the desk on this folder's workspace"
	@echo "make test             every test but the long storms"
	@echo "make test-long        the long storms"
	@echo "make lint             format, lint, types, import contracts"
	@echo "make bench            the table of docs/performance.md"
	@echo "make oracle           the widths of mails against npm's MJML (needs node)"
	@echo "make front            the libraries of the text editor into one file (needs node and npm)"
	@echo "make pictures         the shipped mails with images blocked, into docs/images/ (needs chromium)"

demo: .venv/runtime
	$(BIN)/mailer demo $(if $(filter 0,$(SERVE)),--no-serve,)

serve: .venv/runtime
	$(BIN)/mailer serve

# A hundred processes would each compile the project anew where the environment keeps Python from writing bytecode.
test test-long: export PYTHONDONTWRITEBYTECODE =

test: .venv/dev browser
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "not long"

test-long: .venv/dev
	$(BIN)/pytest -n $(JOBS) -m long --timeout 1800

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev
	$(BIN)/python -m bench

oracle: .venv/dev
	$(BIN)/python -m tests.rendering.oracle

# The bundle is committed: only whoever changes its libraries needs node.
front:
	cd mailer/web/front && npm ci --silent && node build.mjs

# Newer versions are written into package.json by hand; addresses, also those of sponsors, stay out of the lock file.
front-lock:
	cd mailer/web/front && npm install --package-lock-only --silent && node -e 'const fs = require("fs"); const lock = JSON.parse(fs.readFileSync("package-lock.json")); for (const each of Object.values(lock.packages)) delete each.funding; fs.writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n")'

pictures: .venv/dev browser
	$(BIN)/python -m tests.rendering.images_off

# --- set-up -----------------------------------------------------------------------------------------

# Debian splits venv off python3: `python3 -m venv` fails there until apt's python3-venv is installed.
.venv/bin/uv:
	python3 -m venv .venv || { rm -rf .venv; .ci/apt python3-venv && python3 -m venv .venv; }
	$(BIN)/python -m pip install --quiet "uv==$(UV_VERSION)"

# Compiled once here: whoever keeps Python from writing bytecode (containers do) would wait two seconds more at each start.
# A checkout set up for tests also runs the demo: its packages are a superset.
.venv/runtime: requirements.lock pyproject.toml | .venv/bin/uv
	@test -e .venv/dev || $(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml | .venv/bin/uv
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@ .venv/runtime

# Browser tests want Debian's chromium; without root they are skipped and say so.
browser:
	@command -v chromium >/dev/null || .ci/apt chromium libatomic1 fonts-dejavu-core || \
		echo "browser tests will be skipped: install chromium, libatomic1 and fonts-dejavu-core"

lock: .venv/bin/uv
	$(BIN)/uv lock --upgrade
	$(BIN)/uv export --frozen --no-emit-project --no-annotate --no-header --no-dev --quiet > requirements.lock
	$(BIN)/uv export --frozen --no-emit-project --no-annotate --no-header --all-groups --quiet > requirements-dev.lock
	rm uv.lock

clean:
	rm -rf .venv var dist build tests/rendering/oracle/node_modules mailer/web/front/node_modules .mypy_cache .ruff_cache .pytest_cache
