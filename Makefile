# Two commands: `make run` serves the site with a demo community, `make test` runs all tests.
# Both get what they need on a machine with Python >= 3.11 and make.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install install-dev run test test-fast journey lint audit map format bench fuzz race canary scale scale-check attack mutation posting messages lock clean

export PORT ?= 8000
export RETE_SITE_ADDRESS ?= http://127.0.0.1:$(PORT)
RETE_DATA ?= var
ROUNDS ?= 10000
SIZES ?= 1000 10000
ATTACKS ?=
GUARDS ?=
JOURNEYS ?=
BENCHES ?= picture jobs eyes reidentify colour scaling uploads audit_export
MANAGE := .venv/bin/python manage.py

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 20

install: ## Make .venv and node_modules, for running only
	@bin/install

install-dev: ## The same, and what tests and lint need
	@bin/install dev

run: install ## Serve the site with its demo community (PORT=8000)
	@$(MANAGE) prepare --serving
	@$(MANAGE) demo
	@exec $(MANAGE) serve --prepared --banner $(RETE_DATA)/demo-accounts.txt

test: install-dev ## Run every test, units of the front end and browser included, then those of the database on Postgres
	@bin/services
	@bin/test

test-fast: install-dev ## Run the tests that need neither servers nor a browser, on all cores
	@bin/test fast

journey: install-dev ## Run the browser tests alone
	@bin/services
	@bin/test browser

lint: install-dev ## ruff, mypy, import-linter, djade, biome, tsc, stylelint, advisories, deployment checks
	@bin/lint

map: install-dev ## Print the tree of the house; fail on an import against its order, a circle or a folder too large
	@.venv/bin/python bin/map

format: install-dev ## Rewrite code, templates, scripts and style sheets the way `make lint` wants them
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@find templates ./*/templates -name '*.html' -print0 2>/dev/null | xargs -0 -r .venv/bin/djade --target-version 5.2 || true
	@bin/front stylelint --fix 'static/**/*.css'
	@bin/front biome check --write

bench: ## Measure: one script a figure, beside other tools (FACES=folder of photographs with faces)
	@bin/install bench
	@for name in $(BENCHES); do echo "== $$name"; PYTHONPATH=.peers .venv/bin/python bench/$$name.py || exit 1; done

fuzz: install-dev ## 10,000 mutated files through the engine
	@.venv/bin/python bench/fuzz.py 10000

race: install-dev ## What takes a case away against everything else, on a private Postgres, then on SQLite (ROUNDS=10000)
	@bin/services
	@.venv/bin/python -m bench.race --rounds $(ROUNDS)
	@.venv/bin/python -m bench.race --rounds $$(( $(ROUNDS) / 10 )) --sqlite

canary: install-dev ## What is left of a case after its withdrawal: search databases, queue, storage, mail, logs, exports
	@bin/services
	@.venv/bin/python -m bench.canary

scale: install-dev ## Cost of pages, pictures and writes as cases become many, on Postgres, then on SQLite (SIZES="1000 10000")
	@bin/services
	@.venv/bin/python -m bench.scale.measure --sizes $(SIZES)
	@.venv/bin/python -m bench.scale.measure --sizes $(SIZES) --sqlite

scale-check: install-dev ## What must hold at 1,000 and 10,000 cases: a line each, and an error when one falls short
	@bin/services
	@.venv/bin/python -m bench.scale.measure --check

attack: install-dev ## Attack a site of its own on loopback: a line for each limit, held or broken (ATTACKS=names)
	@bin/services
	@.venv/bin/python -m bench.attack $(ATTACKS)

mutation: install-dev ## Take each guard away in turn: a line each, and an error when none of the tests notices (GUARDS=words)
	@.venv/bin/python -m bench.mutation $(if $(GUARDS),--only $(GUARDS))

posting: install-dev ## Taps, keys, words and seconds of six ways to post a case, beside those of before (JOURNEYS=names)
	@.venv/bin/python -m bench.posting --before bench/posting/before.json $(JOURNEYS)

messages: install-dev ## Collect the words to translate and compile the translations (needs gettext)
	@$(MANAGE) makemessages -l tr --no-location --no-obsolete -i node_modules -i .venv -i .peers -i var
	@msgfmt --check-format -o locale/tr/LC_MESSAGES/django.mo locale/tr/LC_MESSAGES/django.po

audit: install-dev ## Look the locked packages up among the known advisories (needs PyPI itself)
	@bin/audit --required

lock: ## Rewrite the hashed locks from pyproject.toml
	@bin/lock

clean: ## Remove what can be made again; var/ (data, secrets) stays
	@rm -rf .venv .venv-lock .venv-audit .peers node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
