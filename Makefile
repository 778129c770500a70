# One command per job; `make help` lists them.
SHELL := /bin/bash
VENV ?= .venv
PYTHON ?= python3
RUN := $(VENV)/bin/python
PORT ?= 8501
STUDIES ?= smoke clean clean_relational clean_gpr clean_hops clean_separate clean_medium clean_large clean_validated clean_deep relations \
           noise noise_kinds noise_more noise_deep noise_heterophilous ablation detection attack attack_poisoning attack_adaptive labels pseudo_labels squashing default default_gpr
WORKERS ?= 2

.PHONY: help app test check bench evidence attacks docs lock audit wheel bench-app bench-memory screenshots vision clean chromium
.DEFAULT_GOAL := help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

app: $(VENV)/.app ## create .venv, install the requirements, start the app on http://localhost:8501
	$(RUN) app.py --server.port $(PORT)

test: $(VENV)/.test chromium ## install what is missing and run all tests, those in the browser in parallel
	@$(RUN) -m tests.suite

check: $(VENV)/.test ## lint, format and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

bench: $(VENV)/.app ## time and memory: other methods, training, graphs in files of 50 million edges (how long: docs/performance.md)
	$(RUN) -m torque_core.bench $(BENCH)
	$(RUN) -m torque_core.bench.training
	$(RUN) -m torque_core.bench.out_of_core

evidence: $(VENV)/.app ## run or continue all studies, gather the results, report them (how long: docs/howto/reproduce.md)
	for study in $(STUDIES); do $(RUN) -m torque_core study $$study --workers $(WORKERS) || exit 1; done
	$(RUN) -m torque_core ship --force
	$(RUN) -m torque_core report --force

attacks: $(VENV)/.app ## compute the attacks of the studies that the package lacks (minutes per split)
	$(RUN) -m torque_core attacks make --out torque_core/attacks/_shipped

docs: $(VENV)/.test ## render README and docs/ from the results, then build the site into build/docs
	$(RUN) -m docs.render
	$(RUN) -m docs.build

lock: $(VENV)/.audit ## write requirements.lock: all packages that requirements.txt needs, with hashes, for all platforms
	$(VENV)/bin/uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" --output-file requirements.lock requirements.txt

audit: $(VENV)/.audit ## look up known vulnerabilities of the packages in requirements.lock (needs a network)
	$(RUN) -m pip_audit --disable-pip --require-hashes --requirement requirements.lock

wheel: $(VENV)/.test ## build the sdist and the wheel of torque_core into dist
	$(RUN) -m build --no-isolation

bench-app: $(VENV)/.test chromium ## waiting times in the app, alone and with ten users (needs Cora and PubMed in TORQUE_DATA, or a network)
	$(RUN) tests/browser/bench_app.py

bench-memory: $(VENV)/.test ## memory of the app with ten people who explore and train (Linux)
	$(RUN) -m tests.bench_memory

screenshots: $(VENV)/.test chromium ## take the pictures of the documentation (needs Cora in TORQUE_DATA, or a network)
	$(RUN) tests/browser/screenshots.py

vision: $(VENV)/.test chromium ## take them as people with colour vision deficiencies see them, into build/vision
	$(RUN) tests/browser/screenshots.py --vision

clean: ## delete .venv and the files that tools left behind
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip

$(VENV)/.app: $(VENV)/bin/python requirements.txt
	$(RUN) -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.test: $(VENV)/.app pyproject.toml
	$(RUN) -m pip install --quiet --group test
	touch $@

$(VENV)/.audit: $(VENV)/bin/python pyproject.toml
	$(RUN) -m pip install --quiet --group audit
	touch $@

# The browser tests drive the system's Chromium; CHROMIUM names another one.
chromium:
	@for it in "$$CHROMIUM" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do \
	  if [ -n "$$it" ] && [ -x "$$it" ]; then exit 0; fi; done; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Chromium ..."; apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
	  echo "The browser tests need Chromium, and installing it needs root rights." >&2; \
	  echo "Install it (Debian, Ubuntu: sudo apt-get install chromium), or set CHROMIUM to the path of a Chrome or Chromium." >&2; \
	  exit 1; \
	fi
