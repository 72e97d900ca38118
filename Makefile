# The developer's commands. `make run` and `make test` set up what they need on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q
T ?=

.DEFAULT_GOAL := help
.PHONY: help run cluster chaos drill test bench scan screenshots check fuzz fix matrix ci demo lock

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: .venv/.installed ## The site with the demo salon, on http://127.0.0.1:8000/ (Ctrl-C ends it)
	@DEBUG=1 exec $(BIN)/python manage.py serve

cluster: .venv/.installed-dev ## A site of several processes behind nginx, with PostgreSQL, Redis and S3, all on this machine
	@exec $(BIN)/python -m deploy.cluster

chaos: .venv/.installed-dev ## The same, used while its parts die; then what clients were told beside what is stored
	@$(BIN)/python -m deploy.chaos $(CHAOS)

drill: .venv/.installed-dev ## Back up a salon, lose it, restore it elsewhere, look whether all is there (DRILL=--sqlite)
	@$(BIN)/python -m deploy.drill $(DRILL)

scan: .venv/.installed-dev ## wapiti and sqlmap at such a site, for an hour (SCAN="--seconds 20": a look)
	@$(BIN)/python -m deploy.scan $(SCAN)

demo: .venv/.installed ## Start again with a new demo salon (SQLite and photos in var/ only)
	@rm -rf var/cdeday.sqlite3 var/cdeday.sqlite3-wal var/cdeday.sqlite3-shm var/media
	@DEBUG=1 DATABASE_URL= $(BIN)/python manage.py migrate --verbosity 0
	@DEBUG=1 DATABASE_URL= $(BIN)/python manage.py demo --start-over

test: .venv/.installed ## All tests, on SQLite and on whatever servers this machine has (T=path for some)
	$(BIN)/python -m tests.run $(T)

bench: .venv/.installed ## How fast the site is, beside PostgreSQL and a bare view; writes docs/bench.md
	$(BIN)/python -m bench

screenshots: .venv/.installed-dev ## Pictures of all pages on the demo salon; writes docs/screenshots
	$(PYTEST) tests/browser/screenshots.py tests/browser/customers/screenshots.py

check: .venv/.installed-dev ## ruff, bandit, mypy, import-linter, templates, migrations, Dockerfile, OpenAPI; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check --lint templates
	DEBUG=1 $(BIN)/python -W error::DeprecationWarning manage.py makemigrations --check --dry-run
	DEBUG=1 $(BIN)/python -W error::DeprecationWarning manage.py check
	$(BIN)/python -m tests.releases
	$(BIN)/hadolint deploy/Dockerfile
	DEBUG=1 $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

fuzz: .venv/.installed-dev ## Generated requests against /schema.json (FUZZ_EXAMPLES=1500: over 100,000)
	$(PYTEST) tests/fuzz/test_schemathesis.py tests/fuzz/test_parameters.py

fix: .venv/.installed-dev ## What the tools can mend by themselves
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-$(BIN)/djlint --quiet --reformat templates

matrix: ## The tests on SQLite under the newest Python supported, where this machine has it (MATRIX: for pytest)
	@for python in $$(command -v python3.13) $$HOME/.pyenv/versions/3.13.*/bin/python3.13; do \
	  $$python -c '' 2>/dev/null || continue; \
	  $$python -m venv .venv/3.13 && .venv/3.13/bin/python -m pip install -q --disable-pip-version-check -r requirements.txt \
	  && exec env -u DATABASE_URL -u REDIS_URL -u CI_COMPLETE .venv/3.13/bin/python -m pytest -q -m "not races" $(MATRIX); \
	done; echo "Python 3.13: left out, not on this machine"

ci: export CI_COMPLETE := 1
ci: ## What CI runs: everything, nothing left out
	.ci/install
	$(MAKE) .venv/.installed-dev
	# Tables of rights, pages and accounts say the same under any Python; `make matrix` asks them all the same.
	BESIDE="matrix fuzz check drill" MATRIX="cody_site/tests media_store payments reservations" $(MAKE) test

lock: .venv/.installed-dev ## Write requirements*.txt anew from requirements*.in
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements-dev.in -o requirements-dev.txt
