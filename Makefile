# SPDX-License-Identifier: Apache-2.0
# The whole vocabulary of this repository. Each target installs what it needs and says so.

PRESET ?= release
JOBS   ?= $(shell nproc)
export ONCE PICTURE PICTURES FORMS THREADS

.DEFAULT_GOAL := help
.PHONY: help setup build run test test-mutations soak soak-preprocess load test-operations fuzz engine bench bench-gateways bench-preprocess mini-evaluate mini-train format lint clean

help:
	@echo 'make build    release binaries in build/bin/'
	@echo 'make run      engine + both services + a sample picture, then serves until Ctrl-C'
	@echo '              PICTURE=path to use your own picture, ONCE=1 to end after the answers'
	@echo 'make test     everything: unit, integration, end to end with a real Ollama, lint'
	@echo '              LABELS=unit for a part of it (unit, integration, e2e, lint), PRESET=asan-ubsan ...'
	@echo 'make test-mutations  100,000 damaged pictures through the service; SEED=1, COUNT=100000'
	@echo 'make soak     the pair under everything for SECONDS=1200, RATE=20 calls a second, engines that'
	@echo '              fail now and then: does it grow?'
	@echo 'make soak-preprocess  pictures of all formats for SECONDS=1200, RATE=8 a second: does it grow?'
	@echo 'make fuzz     libFuzzer over the picture formats for SECONDS=600'
	@echo 'make test-operations  boards, alerts and deployment files against the running pair, and 100'
	@echo '              restarts under load; about ten minutes, twenty more the first time'
	@echo 'make load     engines that are killed, ten times the load, one greedy client: at full size'
	@echo 'make engine   find or build a real Ollama, start it, create its models'
	@echo 'make bench    what the services add to a direct call, side by side'
	@echo '              bench-gateways: the same beside nginx, LiteLLM and an empty gRPC proxy'
	@echo '              bench-preprocess: pictures beside sharp, Pillow and libvips; FOLDER=yours adds yours'
	@echo 'make mini-evaluate  how many answers of tessera-mini are right, on pictures it never saw (no GPU)'
	@echo '              PICTURES=n of a kind and style; FORMS=1 asks the F16 and Q4_0 forms the same'
	@echo 'make mini-train     trains tessera-mini anew into build/mini; needs a GPU with PyTorch'
	@echo 'make format   clang-format on everything of ours'
	@echo 'make lint     formats, protos, arrows, scripts, README; TIDY=1 adds clang-tidy (many minutes)'
	@echo 'make clean    remove build/ except the engine; `make clean ENGINE=1` removes that too'

setup:
	@tools/setup.sh build tracing

build: setup
	@tools/build.sh $(PRESET) $(JOBS)

engine:
	@engine/engine start

run: build
	@tools/run.sh

test:
	@tools/setup.sh build tracing lint test
	@tools/build.sh $(PRESET) $(JOBS) all
	@tools/test.sh $(PRESET) '$(LABELS)'

test-mutations: build
	@cmake --build build/$(PRESET) --parallel $(JOBS) --target picture_mutation_test
	@TESSERA_MUTATIONS=$(or $(COUNT),100000) TESSERA_MUTATION_SEED=$(or $(SEED),1) \
	  TESSERA_MUTATION_SECONDS=86400 build/$(PRESET)/tests/picture_mutation_test

soak-preprocess: build
	@cmake --build build/$(PRESET) --parallel $(JOBS) --target preprocess_soak_test
	@TESSERA_SOAK_SECONDS=$(or $(SECONDS),1200) TESSERA_SOAK_RATE=$(or $(RATE),8) \
	  build/$(PRESET)/tests/preprocess_soak_test

soak: build
	@cmake --build build/$(PRESET) --parallel $(JOBS) --target load_generator
	@TESSERA_BUILD=build/$(PRESET) python3 -B tests/operations/pair_soak_test.py $(or $(SECONDS),1200) $(or $(RATE),20)

fuzz:
	@tools/setup.sh build fuzz
	@tools/fuzz.sh $(or $(SECONDS),600) $(JOBS)

test-operations:
	@tools/setup.sh build tracing lint test operations
	@tools/build.sh $(PRESET) $(JOBS) all
	@tools/test.sh $(PRESET) operations Operations

load: build
	@tools/load.sh

bench: build
	@tools/bench.sh pair

bench-gateways: build
	@tools/bench.sh gateways

bench-preprocess: build
	@tools/bench_preprocess.sh $(FOLDER)

mini-evaluate:
	@tools/mini.sh evaluate

mini-train:
	@tools/mini.sh train

format:
	@tools/setup.sh lint
	@tools/format.sh

lint:
	@tools/setup.sh build tracing lint
	@tools/build.sh $(PRESET) $(JOBS) configure
	@tools/test.sh $(PRESET) lint
	@if [ -n "$(TIDY)" ]; then tools/tidy.sh; fi

clean:
	@tools/clean.sh $(ENGINE)
