# Everything runs in .venv, which is made from the hashed lock. Needs Python 3.11 or newer, git, make and ssh-keygen.
PYTHON ?= python3
BIN := .venv/bin

CORE := tests/engine tests/ledger tests/policy tests/proof tests/programmes tests/rehearsal/test_surrogate.py tests/test_canonical.py tests/test_problems.py

.DEFAULT_GOAL := help
.PHONY: help demo test test-installs docs bench bench-rehearsal bench-teams soak lock clean

help: ## List the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

demo: .venv/ready ## Play the whole story on the programme of this repository.
	@$(BIN)/govern demo

test: .venv/ready ## Run every test, the linters, the layers and the programme's own checks.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@# Three parts side by side, for they wait for disks and servers: what is measured for coverage, with what searches long behind it,
	@# the command line, and the rest. The output of the others follows.
	@# A shell has what it starts in the background ignore interrupts, and some tests interrupt.
	run='import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])'; \
	test='$(BIN)/python -m pytest -p no:cacheprovider'; \
	$(BIN)/python -c "$$run" $$test tests/cli >.cli.log 2>&1 & cli=$$!; \
	$(BIN)/python -c "$$run" $$test --ignore=tests/cli $(addprefix --ignore=,$(CORE)) >.rest.log 2>&1 & rest=$$!; \
	$(BIN)/coverage run -m pytest -m "not search" $(CORE); core=$$?; \
	$$test -m search $(CORE); search=$$?; \
	wait $$cli; cli=$$?; wait $$rest; rest=$$?; cat .cli.log .rest.log; rm .cli.log .rest.log; exit $$((core | search | cli | rest))
	$(BIN)/coverage report --include='src/govern/problems.py,src/govern/canonical.py,src/govern/policy/*,src/govern/ledger/*,src/govern/engine/*,src/govern/proof/*' --fail-under=100
	@# With a memory of their own: until its first checkpoint this ledger may be made anew, and a clone may have seen the one before.
	memory=$$(mktemp -d); trap 'rm -rf "$$memory"' EXIT; export XDG_STATE_HOME=$$memory; set -ex; \
	$(BIN)/govern check; $(BIN)/govern render --check; $(BIN)/govern verify; $(BIN)/python docs/write_pages.py --check

test-installs: .venv/ready ## Try what installs the program from an index of packages: the hooks of pre-commit, the action, the include.
	GOVERN_TEST_INSTALLS=1 $(BIN)/python -m pytest -p no:cacheprovider tests/cli/test_pipelines.py

docs: .venv/ready ## Write the computed parts of the documentation.
	$(BIN)/python docs/write_pages.py

bench: .venv/ready ## Measure, as ratios in one run.
	$(BIN)/python bench/run.py

bench-rehearsal: .venv/ready ## Measure rehearsals beside sqitch and alembic on one database; BIG=1 for large ones.
	$(BIN)/python bench/bench_rehearsal.py

bench-teams: .venv/ready ## Measure ledgers in Debian's PostgreSQL against bare INSERTs, and a board over 1,000 programmes.
	$(BIN)/python bench/bench_teams.py
	$(BIN)/python bench/bench_board.py

soak: .venv/ready ## Search long for what must not happen: crash states, kills, power cuts, mutants. Root for the power cuts.
	$(BIN)/python soak/campaign.py

lock: ## Resolve the dependencies anew, with hashes and no addresses.
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	@# What a pipeline installs: the same versions, without what only development needs.
	echo 'hatchling' | uv pip compile pyproject.toml - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  -c requirements.lock -o ci/requirements.lock

clean: ## Remove what was made here.
	rm -rf .venv .coverage .cli.log .rest.log .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is wanted; name one: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
