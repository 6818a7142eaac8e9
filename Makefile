# Short verbs. Each sets up what it needs: uv (when missing), the environment, the model (when data or code changed).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export UV_COMPILE_BYTECODE := 1
export UV_PROJECT_ENVIRONMENT := .venv
# One thread for each numerical library: the classifiers are small, and threads only wait for each other.
export OPENBLAS_NUM_THREADS := 1

PORT ?= 5005
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := $(shell command -v uv || echo .uv/bin/uv)
READY := .venv/.ready
SYNAPSE := .synapse/.ready
MODEL := models/boussole.tar.gz
WIDGET := widget/dist/boussole.js
NODE_READY := widget/node_modules/.ready
TRAINED_FROM := $(shell find data boussole/understanding knowledge -type f -not -name '*.pyc') config.yml domain.yml

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'

.uv/bin/uv:
	@echo "uv is missing: installing it in .uv/"
	$(PYTHON) -m venv .uv || { echo "venv is missing from $(PYTHON): on Debian, apt-get install python3.11-venv"; exit 1; }
	.uv/bin/pip install --quiet uv

$(READY): pyproject.toml uv.lock $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv)
	$(UV) sync --frozen --python $(PYTHON)
	@# Rasa's own commands, called directly, keep quiet too: this file is read at each start of this Python.
	@printf 'import os; [os.environ.setdefault(k, v) for k, v in (("RASA_TELEMETRY_ENABLED", "false"), ("TF_CPP_MIN_LOG_LEVEL", "3"), ("SQLALCHEMY_SILENCE_UBER_WARNING", "1"))]\n' > "$$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/boussole-quiet.pth"
	@touch $@

$(SYNAPSE): tests/homeserver/pyproject.toml tests/homeserver/uv.lock $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv)
	UV_PROJECT_ENVIRONMENT=$(CURDIR)/.synapse $(UV) sync --frozen --project tests/homeserver --python $(PYTHON)
	@touch $@

$(MODEL): $(READY) $(TRAINED_FROM)
	@.venv/bin/boussole train
	@touch $@

$(NODE_READY): widget/package.json widget/package-lock.json
	@command -v npm > /dev/null || { echo "npm is missing: on Debian, apt-get install npm"; exit 1; }
	npm --prefix widget ci --no-audit --no-fund --silent
	@touch $@

$(WIDGET): $(NODE_READY) widget/build.mjs $(shell find widget/src widget/pages -type f)
	npm --prefix widget run --silent build

install: $(READY)  ## the environment, in .venv/

train: $(MODEL)  ## the model, when data or code changed

widget: $(WIDGET)  ## the website's widget, in widget/dist/

run: $(MODEL) $(WIDGET)  ## serve on http://127.0.0.1:5005 (or PORT=...)
	@exec .venv/bin/boussole run --port $(PORT)

chat: $(MODEL)  ## talk with the bot in this terminal
	@exec .venv/bin/boussole chat

homeserver: $(SYNAPSE)  ## the Matrix homeserver that the tests talk with, in .synapse/

test: $(MODEL) $(WIDGET) $(SYNAPSE)  ## every test
	.venv/bin/python -m pytest

evaluate: $(MODEL)  ## measure the bot on evaluation/
	.venv/bin/boussole evaluate

soak: $(MODEL)  ## the long tests: 500 clients for two minutes
	.venv/bin/python -m pytest -s -m soak tests/serving

bench: $(MODEL)  ## this server beside Rasa's stock deployment, measured
	@.venv/bin/boussole bench

check: $(MODEL) $(NODE_READY)  ## style, types and data
	.venv/bin/ruff check boussole actions tests
	.venv/bin/ruff format --check boussole actions tests
	.venv/bin/mypy
	npm --prefix widget run --silent check
	.venv/bin/boussole check
	@echo "rasa data validate..."
	@.venv/bin/rasa data validate --max-history 8 --fail-on-warnings > .rasa-validate.log 2>&1 || { cat .rasa-validate.log; exit 1; }
	@rm -f .rasa-validate.log
	@# 3: no advisory could be looked at, and the last line says so; whoever has no network can still check the rest.
	@UV=$(UV) .venv/bin/boussole audit || [ $$? -eq 3 ]

audit: $(READY)  ## known vulnerabilities of what we depend on; fails when nothing could be looked at, too
	@UV=$(UV) .venv/bin/boussole audit

docs: $(READY)  ## write again the pages of docs/ that come from the data
	.venv/bin/python -m boussole.pages

widget-report: $(READY) $(WIDGET)  ## the widget's size, accessibility and policy, measured in Chromium
	@.venv/bin/python -m tests.browser.report

widget-screenshots: $(READY) $(WIDGET)  ## the pictures of docs/images/
	@.venv/bin/python -m tests.browser.screenshots

clean:  ## remove what these commands made
	rm -rf .venv .synapse .uv models .rasa build widget/dist widget/node_modules results .mypy_cache .ruff_cache .pytest_cache

.PHONY: help install train widget run chat homeserver test evaluate soak bench check audit docs widget-report widget-screenshots clean
