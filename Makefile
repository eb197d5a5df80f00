# Thin: the work is in scripts/.

# As it was written, without expansion, so that `$`, quotes and blanks in the name survive.
CLIP ?=
export VODFLOW_DEMO_CLIP := $(value CLIP)

.DEFAULT_GOAL := help
.PHONY: help demo test test-all bench build fmt clippy clean-demo

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

demo: ## Plan and run examples/demo.vod on a generated clip, or on CLIP=path.
	@scripts/demo

test: ## Every test.
	@scripts/ensure-ffmpeg
	cargo test --locked

test-all: test ## Every test, and what is too slow for every change.
	@scripts/test-all

bench: build ## What vodflow uses beside commands written by hand, on CLIP=path.
	@target/release/vodflow bench --input "$$VODFLOW_DEMO_CLIP"

build: ## The release binary, target/release/vodflow.
	@scripts/ensure-ffmpeg --compiler-only
	cargo build --release --locked

fmt: ## Format the sources.
	cargo fmt

clippy: ## Lints; a warning is an error.
	cargo clippy --all-targets --locked -- -D warnings

clean-demo: ## Remove what `make demo` made.
	rm -rf demo-out
