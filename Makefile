# make demo | make test | make bench: each sets everything up first. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup build check unit test demo fuzz chaos bench bench-cloud clean

BIN := node_modules/.bin
DAEMON := daemon/dist/khiend.cjs
CLOUD := cloud/dist/khien-cloud.mjs
WEB := cloud/web/dist/index.html

# What a bundle is made from; node_modules/.package-lock.json stands for the packages.
sources = $(shell find $(1) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.test.*')

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install what is needed beyond Node and make
	@sh test/setup.sh

build: setup ## bundle the daemon, the cloud and the web UI, where their sources changed
	@$(MAKE) --no-print-directory $(DAEMON) $(CLOUD) $(WEB)

$(DAEMON): $(call sources,daemon shared) package-lock.json
	@echo '[build] the daemon'
	@node --import tsx daemon/build.mjs

$(CLOUD): $(call sources,cloud/src shared cloud/build.mjs) package-lock.json
	@echo '[build] the cloud'
	@node cloud/build.mjs

$(WEB): $(call sources,cloud/web shared cloud/src) package-lock.json
	@echo '[build] the web UI'
	@cd cloud/web && ../../$(BIN)/vite build --logLevel warn
	@touch $@

check: setup ## types and lint
	@$(BIN)/tsc --noEmit
	@$(BIN)/biome check --error-on-warnings .

unit: setup ## tests that need neither root nor a browser
	@$(BIN)/vitest run --project unit

test: build check ## every test: unit, kernel, end to end (root)
	@sh test/suite.sh

demo: build ## a virtual home with the real daemon, the cloud and the web UI, until Ctrl-C (root)
	@node --import tsx test/demo/demo.ts

fuzz: build ## a million crafted DNS packets against the classifier and a reference matcher (root)
	@sh test/in-namespace.sh node --import tsx test/fuzz/run.ts

chaos: build ## kill the cloud and its database under load, and count what got lost
	@node --import tsx test/chaos/run.ts

bench: build ## the benchmark tables (root)
	@sh test/setup.sh bench
	@sh test/in-namespace.sh node --import tsx test/bench/run.ts

bench-cloud: build ## the benchmark tables of the cloud
	@node --import tsx test/bench-cloud/run.ts

clean: ## remove what was built
	@rm -rf daemon/dist cloud/dist cloud/web/dist bench-results
