# Everything that people, tests and CI run. Needs python3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA := .local_stack
# Processes that share the tests; each has a local stack of its own.
WORKERS ?= 4
STACK := $(BIN)/python -m local_stack
SHELL := /bin/bash

.PHONY: help demo report dashboard test test-fast test-account fault bench bench-quick matrix matrix-python matrix-client sql-audit check format generate bundle lock clean

help: ## show this help
	@grep -hE '^[a-z.-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "make %-14s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.lock
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("policy_workflow needs Python 3.11 or newer; name it: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --no-compile -r requirements.lock
	$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true  # as pip would, on all cores; some files are for other Pythons
	$(BIN)/python -m pip check
	touch $@

.venv: $(VENV)/.installed ## only the virtual environment

demo: $(VENV)/.installed ## install, run the workflow on the sample policy on this machine, show its row
	@$(STACK) exec --data-dir $(DATA) -- bash -ec 'dbt run-operation run_policy_workflow && dbt run-operation get_policy_execution_state'

report: $(VENV)/.installed ## write policy_report.html about what ran on this machine
	@$(STACK) exec --data-dir $(DATA) -- bash -ec 'dbt --quiet build --vars "{policy_workflow_create_tables: true}" && python -m report'

dashboard: $(VENV)/.installed ## show the same in a browser, as Streamlit in Snowflake would
	@$(STACK) exec --data-dir $(DATA) -- bash -ec 'dbt --quiet build --vars "{policy_workflow_create_tables: true}" && streamlit run report/policy_dashboard.py --server.address 127.0.0.1 --server.headless true --browser.gatherUsageStats false'

# Not the local Snowflake's own tests, each of which asks a server.
test-fast: $(VENV)/.installed ## the unit tests but for the slow ones, in a minute
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" --ignore tests/unit/local_snowflake tests/unit

test: $(VENV)/.installed ## all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# In one process: another one would forget what this one ordered of the API that they share.
test-account: $(VENV)/.installed ## the integration tests on the account of SNOWFLAKE_*; TESTS=... for some
	$(BIN)/python -W ignore -m tests.account
	$(BIN)/python -m pytest --account -n 0 -rs $(or $(TESTS),tests/integration)

fault: $(VENV)/.installed ## the fault suite in full: each fault in a run of its own
	POLICY_FAULTS=full POLICY_TEST_TRIES=20 POLICY_ROUNDS=20 POLICY_ANSWERS=20000 $(BIN)/python -m pytest tests/integration/faults \
		$(addprefix tests/integration/test_,$(addsuffix .py,real_answers crash stack_killed concurrent_runs without_keys same_requests random_runs)) \
		tests/unit/procedures/answers/test_any_answer.py

bench: $(VENV)/.installed ## what a run costs, in tables under target/benchmarks; PARTS="one_policy history" takes some
	$(BIN)/python -W ignore -m tests.benchmarks $(PARTS)

bench-quick: $(VENV)/.installed ## the same with fewer tries, in two minutes
	$(BIN)/python -W ignore -m tests.benchmarks --quick $(PARTS)

matrix: $(VENV)/.installed ## a smoke suite, and hard cases of a project that installs it, on dbt 1.9 to 1.12, each in an environment of its own under .matrix
	$(BIN)/python -W ignore -m tests.matrix dbt

matrix-python: $(VENV)/.installed ## tests of procedures and local stack on Python 3.11, 3.12 and 3.13
	$(BIN)/python -m tests.matrix python

matrix-client: $(VENV)/.installed ## tests of the procedures' HTTP client on urllib3 1.26, 2.0, 2.2 and the locked one
	$(BIN)/python -m tests.matrix client

sql-audit: $(VENV)/.installed ## check every statement that dbt and the procedures send; RECORDED=folder takes those of a test run
	$(BIN)/python -W ignore -m tests.sql_audit $(RECORDED)

check: $(VENV)/.installed ## format, lint (Python and SQL), types, staleness of generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tools.bundle --check
	$(BIN)/python -m tools.app --check
	$(BIN)/python -m tools.docs --check
	@$(STACK) exec -- bash -ec 'export SNOWFLAKE_DATABASE=policy_db SNOWFLAKE_SCHEMA=policy_workflow DBT_TARGET_PATH=target/lint; \
		dbt --quiet compile --vars "{policy_health_tests_enabled: true}"; \
		sqlfluff lint --disable-progress-bar $$(find target/lint/compiled/policy_workflow -name "*.sql" -not -path "*.yml/*")'

format: $(VENV)/.installed ## format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: bundle ## write all generated files: the macro of `make bundle`, the app in one file, the tables of the docs
	$(BIN)/python -m tools.app
	$(BIN)/python -m tools.docs

bundle: $(VENV)/.installed ## write the macro that carries procedures/
	$(BIN)/python -m tools.bundle

lock: $(VENV)/.installed ## pin the dependencies anew, with hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --upgrade --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

clean: ## remove what demo and test made, the virtual environment included
	rm -rf $(VENV) .matrix $(DATA) target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
