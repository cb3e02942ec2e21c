# The commands of the project. Each sets up what it needs on Debian 12: missing packages are
# installed first (as root, or with sudo); nothing is downloaded when none is missing.

.PHONY: build demo test check-all mutants bench format lint clean

# The command alone: build/release/bin/anypage.
build:
	tools/install-packages build
	tools/build-command

# Builds the command and shows what it does.
demo: build
	tools/demo

# Builds everything, plain and under each sanitizer, and runs every test.
test:
	tools/install-packages build test
	tools/run-tests

# Replays every recording on every topology in a storm, and looks for anything that is violated.
# Then a million random programs by the checker and by a naive one, and the scenarios that take
# long. Last, everything at once on the allocator as it is shipped, for 20 seconds.
check-all: build
	tools/sweep
	tools/install-packages build test
	tools/naive
	tools/deep-scenarios
	tools/torture

# Weakens each memory order of the allocator, and looks for what notices.
mutants: build
	build/release/bin/anypage mutants

# Measures how fast things are.
bench:
	tools/install-packages build bench
	tools/run-bench

# Rewrites the sources as .clang-format says.
format:
	tools/install-packages lint
	find src include check cli tests examples bench \( -name '*.[ch]pp' -o -name '*.[ch]' \
	    -o -name '*.cc' \) -print0 2>/dev/null | xargs -0r clang-format-16 -i

# Reads the sources with clang-tidy.
lint:
	tools/install-packages build test lint
	cmake --preset asan
	run-clang-tidy-16 -quiet -p build/asan '^$(CURDIR)/(src|cli|check)/'

clean:
	rm -rf build
