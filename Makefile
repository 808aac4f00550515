# Each command sets up what it needs; nothing has to be installed before but Python 3.11 or newer.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,$(if $(shell command -v $(name)),$(name))))
RUN = $(or $(PYTHON),$(error Python 3.11 or newer is needed: no python3 is on the PATH)) -m scripts.run
LOCK = uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--only-binary :all: --custom-compile-command "make lock"

.PHONY: help run dev test slow audit bench check format lock vendor release

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run:  ## serve Sotto on http://localhost:8000 (PORT and HOST are respected)
	@$(RUN) serve

dev:  ## the same, reloading when a file changes
	@$(RUN) dev

test:  ## JavaScript, Python and the browser, but for what takes long
	@$(RUN) test

slow:  ## every test, with properties, faults and soaks in full
	@$(RUN) slow

audit:  ## known vulnerabilities of what is pinned, where there is a network
	@$(RUN) audit

bench:  ## measure beside Socket.IO and a bare server, some 15 minutes on a quiet machine
	@$(RUN) bench

check:  ## format, lint and types
	@$(RUN) check

format:  ## write what `make check` asks of the format
	@$(RUN) format

lock:  ## pin requirements*.in anew (needs uv)
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-test.in -o requirements-test.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) requirements-node.in -o requirements-node.txt

release:  ## sign this commit's manifest, client, bill of materials and NOTICE: make release KEY=/path/to/key.pem
	@$(RUN) release "$(KEY)"

vendor:  ## fetch the pinned browser libraries into static/vendor again
	@$(PYTHON) -m scripts.vendor
