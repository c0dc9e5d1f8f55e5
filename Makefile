# make build   the command, ./assay; TAGS=wasmtime with a second engine, which needs
#              a C compiler
# make test    every test; the Python runtime is fetched by pip the first time
# make check   formatting, vet, staticcheck, go.mod and go.sum tidy
# make test-wasmtime  the tests of all that runs guests, on the engine wasmtime
#              and against wazero; needs a C compiler
# make hostile every source that makes a compiler suffer, in Go and C; some ten minutes
# make demo    a small model learns badly, is judged, and learns from that: the
#              whole circle, in a minute or two, below .demo/
# make bench   speed and memory beside the peers, as ratios (installs them below .bench/)
# make bigcodebench  all of BigCodeBench's own solutions, held against the table of
#              those that can pass here; some four minutes of two cores
# make fuzz    100,000 generated modules on two engines, then every fuzz target
#              for FUZZTIME each (fuzz-targets alone: FUZZTIME=200x); SECOND= where
#              there is no C compiler
# make test-trl  the PyTorch trainer's tests, in .trl/ (5.9 GB, installed the first time)
#              and is then what assay train finds
# make plugins-python  the Python of the plugins' tests, in .plugins/ (0.5 GB, of
#              which zig, for the example for C, has most)
# make proto   the code of plugins/sdk/proto anew, by the protoc in there
# make faults  kill -9 of runs and of their engine processes, and signals to every
#              command, FAULTS times
# make test-browser  a report in a real browser, CHROMIUM; pictures of its pages in
#              SHOTS, a folder
# make smith   10,000 modules of wasm-smith; needs wasm-tools, which cargo installs
# make foreign the engine, the sandbox's parts and WASI programs on linux/arm64, but
#              for what starts itself, and the refusal where there is no compiler:
#              needs qemu-user-static
# make clean   what the targets above left in the tree

GO       ?= go
PYTHON   ?= python3
FUZZTIME ?= 60s
FAULTS   ?= 200
SEEDS    ?= 50000
SECOND   ?= wasmtime
WASMTOOLS ?= wasm-tools
CHROMIUM ?= chromium
SHOTS    ?=
TESTFLAGS ?=
TAGS     ?=

# What harness/pairs reads of tree-sitter's 206 grammars. A plain go build has all
# of them, and does the same with 13 MB more.
GRAMMARS := bash c c_sharp cpp d go haskell java javascript julia kotlin lua perl \
            php r ruby rust scala swift typescript zig

.PHONY: build test test-wasmtime check hostile demo bench core bigcodebench fuzz fuzz-targets generated smith test-trl plugins-python proto faults test-browser foreign clean

build:
	$(GO) build -trimpath -ldflags "-s -w" -tags "grammar_subset $(GRAMMARS:%=grammar_subset_%) $(TAGS)" -o assay ./cmd/assay

# The first test that needs Python compiles it, a minute, and keeps it in the
# cache; the other packages' tests wait for it and then read it.
test:
	$(GO) test -timeout 45m $(TESTFLAGS) ./...
	cd plugins/sdk && $(GO) test $(TESTFLAGS) ./...

# The rewriting is compared on both, and its fuel with wasmtime's own. What
# needs no engine has nothing to gain here. Comparing both needs the code
# of both: make test leaves that of wazero in the cache.
test-wasmtime:
	ASSAY_ENGINE=wasmtime $(GO) test -tags wasmtime -timeout 45m $(TESTFLAGS) ./runtimes/instrument ./runtimes/engine/... ./runtimes/snapshot ./runtimes/wasi ./runtimes/worker ./runtimes/golang ./runtimes/python ./harness/judge ./cmd/assay
	$(GO) vet -tags wasmtime ./...
	$(GO) tool staticcheck -tags wasmtime ./runtimes/engine/... ./cmd/...

check:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt -w these files:"; echo "$$unformatted"; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	staticcheck=$$($(GO) tool -n staticcheck) && cd plugins/sdk && $(GO) mod tidy -diff && $(GO) vet ./... && $$staticcheck ./...
	$(PYTHON) -c "import ast, sys; [ast.parse(open(f).read(), f) for f in sys.argv[1:]]" $$(git ls-files "*.py")

hostile:
	ASSAY_HOSTILE=1 $(GO) test -timeout 60m -count 1 -run Suffering ./runtimes/golang ./plugins/host

demo:
	$(GO) run ./cmd/demo

bigcodebench: build
	./assay eval bigcodebench --samples canonical --out .bench/bigcodebench --force --fresh
	./assay suites check .bench/bigcodebench

bench:
	$(GO) run ./cmd/bench $(BENCHFLAGS)

fuzz: generated fuzz-targets

fuzz-targets:
	@for module in . plugins/sdk; do (cd $$module && for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$pkg || exit 1; \
	  done; \
	done) || exit 1; done

# Which functions of the pinned wheel are compiled at first.
core:
	ASSAY_SLOW=1 $(GO) test -timeout 60m -count 1 -run '^TestCore$$' ./runtimes/python -update

# Each seed makes two modules, without exceptions and with.
generated:
	$(GO) test -tags "$(SECOND)" -timeout 24h -run '^TestGenerated$$' ./runtimes/instrument -seeds $(SEEDS)

test-trl: .trl/installed
	cd trainer/trl && HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 ../../.trl/bin/python -m pytest -q

.trl/installed: trainer/trl/requirements-test.lock
	$(PYTHON) -m venv .trl
	.trl/bin/pip install --quiet --require-hashes -r trainer/trl/requirements-test.lock
	.trl/bin/pip install --quiet --no-deps -e trainer/trl
	touch $@

plugins-python: .plugins/installed

.plugins/installed: plugins/python/requirements-test.lock plugins/python/pyproject.toml
	$(PYTHON) -m venv .plugins
	.plugins/bin/pip install --quiet --require-hashes -r plugins/python/requirements-test.lock
	.plugins/bin/pip install --quiet --no-deps --no-build-isolation -e plugins/python
	touch $@

proto: .plugins/installed
	GO="$(GO)" PROTOC=".plugins/bin/python -m grpc_tools.protoc" plugins/sdk/proto/generate.sh .

faults:
	ASSAY_FAULTS=$(FAULTS) $(GO) test -timeout 120m -count 1 -v -run '^(TestKilled|TestCodeflowKilled|TestInterrupted)$$' ./cmd/assay

test-browser:
	ASSAY_CHROMIUM=$(CHROMIUM) ASSAY_SHOTS=$(SHOTS) $(GO) test -count 1 -v -run '^TestBrowser' ./harness/report

smith:
	ASSAY_WASM_TOOLS=$(WASMTOOLS) $(GO) test -tags "$(SECOND)" -timeout 24h -run '^TestSmith$$' ./runtimes/instrument -seeds 5000

foreign:
	CGO_ENABLED=0 GOOS=linux GOARCH=riscv64 $(GO) test -exec qemu-riscv64-static -run '^TestPlatform$$' ./runtimes/engine/wazero
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) test -timeout 60m -exec qemu-aarch64-static -skip '/SeveralProcesses' ./runtimes/wasm ./runtimes/value ./runtimes/engine/wazero ./runtimes/snapshot ./runtimes/wasi

clean:
	rm -rf assay dist .bench .demo .trl .plugins
