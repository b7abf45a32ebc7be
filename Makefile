# Two commands: `make run` and `make test`.  They install everything they need into .venv.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
export WORKPLAN_HOME_JURISDICTION ?= 440000
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE # else each process of a run compiles all tests again

.PHONY: help run test check lint types architecture contract browser fuzz chaos fix accuracy lineage read pictures intake openapi migration lock sbom bench bench-growth sdks image clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 16

run: .venv/loader.stamp ## install, load the finished notices, serve on PORT (8000); EXAMPLES=1 loads the examples, too
	$(BIN)/python -m seed load --migrate $(if $(EXAMPLES),--examples) || test $$? -eq 3  # 3: some are not finished
	exec $(BIN)/python -m app serve --host $(HOST) --port $(PORT)

test: .venv/dev.stamp lint/node_modules/made.stamp browser/node_modules/made.stamp ## install, run all tests on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n 3 --dist worksteal

check: lint types architecture contract test browser ## every check; CI runs this

lint: .venv/dev.stamp ## code style and the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint Dockerfile

types: .venv/dev.stamp ## mypy --strict
	$(BIN)/mypy

architecture: .venv/dev.stamp ## import rules between folders
	$(BIN)/lint-imports

contract: .venv/dev.stamp lint/node_modules/made.stamp ## notices and openapi.yaml are up to date and valid; no breaking change; one migration head
	$(BIN)/python -m seed check
	$(BIN)/openapi-spec-validator openapi.yaml
	$(BIN)/python -m compatibility
	cd lint && npx redocly lint --config redocly.yaml ../openapi.yaml
	cd lint && npx spectral lint --ruleset spectral.yaml --fail-severity hint ../openapi.yaml
	test "$$($(BIN)/alembic heads | wc -l)" -eq 1

browser: .venv/dev.stamp browser/node_modules/made.stamp ## every page in a browser: light, dark, three widths, print; axe, html-validate, Lighthouse
	BROWSER_MATRIX=1 $(BIN)/python -m pytest tests/pages/test_browser.py

pictures: browser/node_modules/made.stamp ## the pictures of the README, of the service that runs on PORT; needs fonts that have Chinese
	mkdir -p docs/pictures
	cd browser && node pictures.mjs http://$(HOST):$(PORT) ../docs/pictures

fuzz: .venv/dev.stamp ## all hostile inputs and N (200) random requests per operation; prints its seed, SEED= repeats it
	FUZZ_EVERY=1 FUZZ_EXAMPLES=$(or $(N),200) FUZZ_SEED=$(or $(SEED),random) $(BIN)/python -m pytest -s tests/fuzz

chaos: .venv/dev.stamp ## faults of minutes: kills, silence, full disk …; FULL=1 for hours, SABOTAGE=1 to see each check fail, SEED=, ONLY=
	$(BIN)/python -m chaos $(if $(FULL),--full) $(if $(SABOTAGE),--sabotage) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

fix: .venv/dev.stamp ## apply automatic fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

accuracy: .venv/run.stamp ## compare readings of the notices in NOTICES= with its expected.json
	$(BIN)/python -m tools.accuracy $(NOTICES)

lineage: .venv/loader.stamp ## compare the pairs of two example years with those made by hand, for each threshold
	$(BIN)/python -m tools.lineage

read: .venv/run.stamp ## parse the notices again and write the generated files
	$(BIN)/python -m seed read

intake: .venv/intake.stamp ## install what `python -m seed intake FILE` needs

openapi: .venv/dev.stamp ## regenerate openapi.yaml, its examples and app/chinese/variants.txt
	$(BIN)/python -m tests.contract.answers
	$(BIN)/python -m app openapi
	$(BIN)/python -m app variants

migration: .venv/dev.stamp ## generate a migration: make migration name=…
	$(BIN)/alembic revision --autogenerate -m "$(name)"

lock: .venv/run.stamp ## pin the newest versions with hashes, without package hosts
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --constraint requirements-dev.txt requirements-conformance.in -o requirements-conformance.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --constraint requirements-dev.txt requirements-intake.in -o requirements-intake.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --constraint requirements-dev.txt requirements-loader.in -o requirements-loader.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --constraint requirements-dev.txt requirements-bench.in -o requirements-bench.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements-sdks.in -o requirements-sdks.txt

bench: .venv/bench.stamp ## benchmark against baselines and peers; needs wrk, and nginx for one row
	$(BIN)/python -m bench

bench-growth: DATABASES ?= sqlite postgresql
bench-growth: .venv/bench.stamp ## benchmark from one government to 2,000, or SIZES="1 20", on DATABASES="sqlite postgresql"; goes on where it was stopped
	$(if $(filter sqlite,$(DATABASES)),$(BIN)/python -m bench.growth $(if $(SIZES),--governments $(SIZES)))
	$(if $(filter postgresql,$(DATABASES)),$(BIN)/python -m bench.growth --postgresql $(if $(SIZES),--governments $(SIZES)))

sdks: .venv/dev.stamp ## generate clients with thirteen generators, compile and run them; needs java and node
	$(BIN)/python -m sdks

sbom: .venv/run.stamp ## write sbom.json (CycloneDX), the bill of materials of what the service runs with
	$(BIN)/python -m tools.sbom

image: ## build the container image with buildah; TARGET=service without loading, PYTHON_IMAGE= another base, BUILD_OPTIONS=
	buildah build --isolation chroot --timestamp 0 $(if $(TARGET),--target $(TARGET)) $(if $(PYTHON_IMAGE),--build-arg PYTHON_IMAGE=$(PYTHON_IMAGE)) $(BUILD_OPTIONS) --tag workplan-api:$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml) .

clean: ## remove installed packages and the database
	rm -rf .venv var lint/node_modules browser/node_modules

.venv/made.stamp:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: requirements.txt | .venv/made.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt | .venv/made.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/run.stamp

lint/node_modules/made.stamp: lint/package-lock.json
	cd lint && npm ci --silent
	@touch $@

browser/node_modules/made.stamp: browser/package-lock.json
	cd browser && npm ci --silent
	@touch $@

.venv/intake.stamp: requirements-intake.txt .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-intake.txt
	@touch $@

.venv/loader.stamp: requirements-loader.txt .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-loader.txt
	@touch $@

.venv/bench.stamp: requirements-bench.txt | .venv/made.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@
