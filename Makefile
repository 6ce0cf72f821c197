# make demo | make test | make bench: each sets everything up first. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup build check unit test demo bench clean

BIN := node_modules/.bin

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install what is needed beyond Node and make
	@sh test/setup.sh

build: setup ## bundle the daemon and the web UI
	@node build.mjs

check: setup ## types and lint
	@$(BIN)/tsc --noEmit
	@$(BIN)/biome check --error-on-warnings .

unit: setup ## tests that need neither root nor a browser
	@$(BIN)/vitest run --project unit

test: build check ## every test: unit, kernel, end to end (root)
	@sh test/in-namespace.sh $(BIN)/vitest run

demo: build ## a virtual home with the real daemon, the cloud and the web UI, until Ctrl-C (root)
	@node --import tsx test/demo/demo.ts

bench: build ## the benchmark tables (root)
	@sh test/in-namespace.sh node --import tsx test/bench/run.ts

clean: ## remove what was built
	@rm -rf daemon/dist cloud/web/dist bench-results
