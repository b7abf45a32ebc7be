# Two commands: `make run` and `make test`.  Everything they need they install into .venv.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin

.PHONY: help run test check lint types architecture contract fuzz fix read intake openapi migration lock bench bench-growth sdks image clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 16

run: .venv/run.stamp ## set up, load the notices, serve on PORT (8000)
	$(BIN)/python -m seed load --migrate
	exec $(BIN)/python -m app serve --host $(HOST) --port $(PORT)

test: .venv/dev.stamp lint/node_modules/made.stamp ## set up and run all tests, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n 3 --dist worksteal

check: lint types architecture contract test ## all that must hold; CI runs this

lint: .venv/dev.stamp ## style, and the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint Dockerfile

types: .venv/dev.stamp ## mypy, strict
	$(BIN)/mypy

architecture: .venv/dev.stamp ## who may import whom
	$(BIN)/lint-imports

contract: .venv/dev.stamp lint/node_modules/made.stamp ## notices and openapi.yaml are what the code gives; one migration head
	$(BIN)/python -m seed check
	$(BIN)/openapi-spec-validator openapi.yaml
	$(BIN)/python -m compatibility
	cd lint && npx redocly lint --config redocly.yaml ../openapi.yaml
	cd lint && npx spectral lint --ruleset spectral.yaml --fail-severity hint ../openapi.yaml
	test "$$($(BIN)/alembic heads | wc -l)" -eq 1

fuzz: .venv/dev.stamp ## all hostile bytes, and N (200) requests an operation; prints its seed, SEED= repeats it
	FUZZ_EVERY=1 FUZZ_EXAMPLES=$(or $(N),200) FUZZ_SEED=$(or $(SEED),random) $(BIN)/python -m pytest -s tests/fuzz

fix: .venv/dev.stamp ## repair what a machine can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

read: .venv/run.stamp ## read the notices again and write what they give
	$(BIN)/python -m seed read

intake: .venv/intake.stamp ## set up what `python -m seed intake FILE` needs

openapi: .venv/dev.stamp ## write what the code makes: openapi.yaml, its examples, app/chinese/variants.txt
	$(BIN)/python -m tests.contract.answers
	$(BIN)/python -m app openapi
	$(BIN)/python -m app variants

migration: .venv/dev.stamp ## a new migration: make migration name=…
	$(BIN)/alembic revision --autogenerate -m "$(name)"

lock: .venv/run.stamp ## pin the newest versions, with hashes and without hosts
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --constraint requirements-dev.txt requirements-conformance.in -o requirements-conformance.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --constraint requirements-dev.txt requirements-intake.in -o requirements-intake.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --constraint requirements-dev.txt requirements-bench.in -o requirements-bench.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements-sdks.in -o requirements-sdks.txt

bench: .venv/bench.stamp ## measure beside limits and peers; needs wrk, and nginx for one line
	$(BIN)/python -m bench

bench-growth: .venv/bench.stamp ## measure from one plan to a million tasks, on SQLite and PostgreSQL
	$(BIN)/python -m bench.growth
	$(BIN)/python -m bench.growth --postgresql

sdks: .venv/dev.stamp ## make clients with thirteen generators, compile them strictly, use them; needs java and node
	$(BIN)/python -m sdks

image: ## build the image with buildah
	buildah build --isolation chroot --tag workplan-api .

clean: ## remove what was installed and the database
	rm -rf .venv var lint/node_modules

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

.venv/intake.stamp: requirements-intake.txt .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-intake.txt
	@touch $@

.venv/bench.stamp: requirements-bench.txt | .venv/made.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@
