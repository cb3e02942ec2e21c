#!/usr/bin/env python3
"""Tests of the tree itself. Usage: tidy.py --list | RULE...

Each rule is a function that yields findings, one line each; a rule that needs a tool which is not
installed raises Missing and is skipped. Nothing is waived but what the tables below name.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]

COLUMNS_MAX = 100
LINES_MAX = 400
SRC_HEADER_LINES_MAX = 300
LINES_WAIVERS = {
    # file: (lines at most, why it is one file)
}

CXX = {".hpp", ".h", ".cc", ".c"}
HASH = {".py", ".sh", ".cmake", ".toml"}
CODE = CXX | HASH | {".in"}
TEXT = CODE | {".md", ".json", ".1"}
HASH_NAMES = {"Makefile", "CMakeLists.txt", ".clang-format", ".clang-tidy"}
SKIPPED_FOLDERS = {".git", "build", "corpus", "__pycache__"}


class Missing(Exception):
    """A tool that a rule needs is not installed."""


# The tree ---------------------------------------------------------------------------------------


def all_files():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
        for name in sorted(names):
            yield (Path(folder) / name).relative_to(ROOT)


def is_script(path):
    """A program without suffix, in tools/ or beside what it serves."""
    if path.suffix or path.name.startswith("."):
        return False
    with open(ROOT / path, "rb") as file:
        return file.read(2) == b"#!"


def kind(path):
    """One of "c++", "hash" (comments start with #), "text", or "" for data."""
    if path.parts[0] == "data" and path.suffix != ".toml":
        return ""
    if path.suffix in CXX:
        return "c++"
    if path.suffix in HASH or path.name in HASH_NAMES or is_script(path):
        return "hash"
    return "text" if path.suffix in TEXT else ""


FILES = {path: kind(path) for path in all_files()}


def of_kind(*kinds):
    return [path for path, its_kind in FILES.items() if its_kind in kinds]


def below(*folders):
    return [path for path in of_kind("c++") if path.parts[0] in folders]


def lines(path):
    return (ROOT / path).read_text(encoding="utf-8").splitlines()


def code_lines(path):
    """The lines of a C or C++ file with comments and literals blanked."""
    text = (ROOT / path).read_text(encoding="utf-8")
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])*\''
    blank = re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)
    return blank.splitlines()


def found(pattern, paths, read=lines):
    for path in paths:
        for number, line in enumerate(read(path), 1):
            if match := re.search(pattern, line):
                yield f"{path}:{number}: {match.group().strip()}"


# The rules --------------------------------------------------------------------------------------


def read_ladder():
    """The table of docs/ARCHITECTURE.md: {folder: rung}, {rung: rungs that it may include}."""
    text = (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.split("<!-- ladder -->")[1].split("<!-- /ladder -->")[0]
    rung_of, sees = {}, {}
    for row in table.strip().splitlines()[2:]:
        rung, folders, stands_on = (cell.strip() for cell in row.split("|")[1:4])
        below_it = [name.strip() for name in stands_on.split(",") if name.strip()]
        sees[rung] = {rung}.union(*(sees[name] for name in below_it))
        rung_of.update({Path(folder): rung for folder in re.findall(r"`([^`]+)`", folders)})
    return rung_of, sees


def resolve(path, name, quoted):
    """The file of the tree that an include names, or None for a file of the system."""
    for prefix, folder in (("anypage/core/", "src"), ("anypage/checker/", "check")):
        if name.startswith(prefix):
            return Path(folder) / name.removeprefix(prefix)
    places = [path.parent] if quoted else []
    for place in [*places, Path("."), Path("src"), Path("include")]:
        candidate = Path(os.path.normpath(place / name))
        if candidate in FILES:
            return candidate
    return Path(name) if quoted else None


def rule_include_ladder():
    """Nothing includes a file of a higher rung; the core includes only the tree and the system."""
    rung_of, sees = read_ladder()

    def rung(path):
        return next((rung_of[p] for p in (path, *path.parents) if p in rung_of), None)

    for path in below("src", "include", "cli", "check", "tests/scenario"):
        if rung(path) is None:
            yield f"{path}: its folder is not on the ladder of docs/ARCHITECTURE.md"
            continue
        for number, line in enumerate(lines(path), 1):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)', line)
            target = match and resolve(path, match[2], match[1] == '"')
            if target is None:
                continue
            if target not in FILES:
                yield f"{path}:{number}: no such file: {match[2]}"
            elif rung(target) not in sees[rung(path)]:
                yield f"{path}:{number}: {rung(path)} may not include {rung(target)}: {target}"


def rule_reasons_fit_the_sources():
    """Each reason why a mutant may survive is about a line that is there."""
    reasons = Path("tests/scenario/survivors.txt")
    for number, line in enumerate(lines(reasons), 1):
        if not line or line.startswith("#"):
            continue
        path, code = (part.strip() for part in line.split("|", 2)[:2])
        # A line of code may hold the sign that separates the parts.
        if not any(each.strip().startswith(code) for each in lines(Path(path))):
            yield f"{reasons}:{number}: {path} has no such line"


def rule_concurrency_only_in_world():
    """What only src/world may use directly; src/host may also use locks and threads."""
    atomics = (r"std::atomic|<atomic>|<stdatomic\.h>|\b_Atomic\b|__atomic_|__sync_"
               r"|__rseq_|SYS_(membarrier|rseq|futex)|__NR_(membarrier|rseq|futex)")
    locks = r"std::(recursive_|shared_|timed_)?mutex|std::condition_variable|\bpthread_"
    core = [p for p in below("src", "include") if p.parts[:2] != ("src", "world")]
    yield from found(atomics, core, code_lines)
    yield from found(locks, (p for p in core if p.parts[:2] != ("src", "host")), code_lines)


def begins_its_source(header):
    """Does the .cc beside a header include it first? Then the build compiles the header alone."""
    source = header.with_suffix(".cc")
    includes = found(r'#include [<"].*[">]', [source] if source in FILES else [])
    return next(includes, "").endswith(f'{header.name}"')


def rule_headers_are_self_contained():
    """Every header compiles alone; the C interface as C as well."""
    flags = ["-fsyntax-only", "-Wall", "-Wextra",
             f"-I{ROOT}", f"-I{ROOT}/src", f"-I{ROOT}/include",
             '-DANYPAGE_COMMAND=""', '-DANYPAGE_SOURCE_DIR=""']  # as the build gives the tests
    runs = []
    for path in below("src", "include", "cli", "check", "tests", "examples", "bench"):
        if path.suffix in {".hpp", ".h"} and not begins_its_source(path):
            runs.append((path, ["g++", "-std=c++20", "-x", "c++"]))
        if path.suffix == ".h" and path.parts[0] == "include":
            runs.append((path, ["gcc", "-std=c11", "-x", "c"]))

    def compile_alone(run):
        path, command = run
        return path, subprocess.run([*command, *flags, "-"], input=f'#include "{ROOT / path}"\n',
                                    text=True, capture_output=True)

    with TemporaryDirectory() as include, ThreadPoolExecutor(os.cpu_count()) as pool:
        Path(include, "anypage").mkdir()
        Path(include, "anypage/core").symlink_to(ROOT / "src")
        Path(include, "anypage/checker").symlink_to(ROOT / "check")
        flags.append(f"-I{include}")
        for path, outcome in pool.map(compile_alone, runs):
            if outcome.returncode != 0:
                yield f"{path}: does not compile alone:\n{outcome.stderr}"


def rule_pragma_once():
    """Every C++ header says #pragma once; a C header may use a guard."""
    for path in of_kind("c++"):
        text = lines(path)
        if path.suffix == ".hpp" and "#pragma once" not in text:
            yield f"{path}: no #pragma once"
        if path.suffix == ".h" and not any(re.match("#pragma once|#ifndef", t) for t in text):
            yield f"{path}: no #pragma once and no guard"


def rule_lines_fit():
    """No line of code is longer than 100 columns."""
    for path in of_kind("c++", "hash"):
        for number, line in enumerate(lines(path), 1):
            if len(line) > COLUMNS_MAX:
                yield f"{path}:{number}: {len(line)} columns, {COLUMNS_MAX} at most"


def rule_files_fit():
    """No file of code is longer than 400 lines, no header of src longer than 300."""
    for path in of_kind("c++", "hash"):
        is_src_header = path.parts[0] == "src" and path.suffix == ".hpp"
        limit = SRC_HEADER_LINES_MAX if is_src_header else LINES_MAX
        limit = LINES_WAIVERS.get(str(path), (limit,))[0]
        if (count := len(lines(path))) > limit:
            yield f"{path}: {count} lines, {limit} at most"


def rule_head_comments():
    """Every file of code begins by saying what it is."""
    for path in of_kind("c++", "hash"):
        head = [line for line in lines(path)[:3] if not line.startswith("#!")]
        starts = ("// ", "/*") if FILES[path] == "c++" else ("# ", '"""')
        if path.name not in HASH_NAMES and not (head and head[0].startswith(starts)):
            yield f"{path}: begins without a comment that says what it is"


def rule_readme_shows_the_example():
    """The program on the README's first screen is examples/first_page.cc, to the letter."""
    shown = (ROOT / "README.md").read_text(encoding="utf-8").split("```cpp\n")[1].split("```")[0]
    if shown != (ROOT / "examples/first_page.cc").read_text(encoding="utf-8"):
        yield "README.md: its program differs from examples/first_page.cc"


def rule_links_lead_somewhere():
    """Relative links in documents name files that exist."""
    for path in (p for p in FILES if p.suffix == ".md"):
        for number, line in enumerate(lines(path), 1):
            for target in re.findall(r"\[[^\]]+\]\(([^)#:]+)(?:#[^)]*)?\)", line):
                if not (ROOT / path.parent / target).exists():
                    yield f"{path}:{number}: no such file: {target}"


def rule_no_leftovers():
    """No marks of unfinished work."""
    yield from found(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b", of_kind("c++", "hash", "text"))


def rule_no_machine_paths():
    """No path of somebody's machine, and nothing outside of the tree."""
    pattern = r"(?<![\w.~}\"-])/(home|root|work|Users)/\w+|\.\./shared\b"
    yield from found(pattern, [p for p in of_kind("c++", "hash", "text") if p.name != "tidy.py"])


def rule_no_trailing_space():
    """No blanks at the end of a line, no tabs in C++, and a newline at the end of every file."""
    yield from found(r"[ \t]+$", of_kind("c++", "hash", "text"))
    yield from (f"{place} tab" for place in found(r"\t", of_kind("c++")))
    for path in of_kind("c++", "hash", "text"):
        data = (ROOT / path).read_bytes()
        if data and not data.endswith(b"\n"):
            yield f"{path}: no newline at the end"


def rule_unit_tests_mirror_sources():
    """Every folder of tests/unit is named like the folder that it tests."""
    for path in below("tests"):
        if path.parts[1] == "unit":
            folder = path.parts[2]
            tested = [f"src/{folder}", f"cli/{folder}"]
            if folder not in {"cli", "check"}:
                if not any((ROOT / place).is_dir() for place in tested):
                    yield f"{path}: there is neither {' nor '.join(tested)}"


def rule_clang_format():
    """The sources are formatted as .clang-format says."""
    tool = shutil.which("clang-format-16")
    if not tool:
        raise Missing("clang-format-16")
    sources = [str(path) for path in of_kind("c++")]
    outcome = subprocess.run([tool, "--dry-run", "-Werror", *sources], cwd=ROOT, text=True,
                             capture_output=True)
    yield from (t for t in outcome.stderr.splitlines() if " error: " in t)


RULES = {name.removeprefix("rule_"): rule for name, rule in sorted(globals().items())
         if name.startswith("rule_")}


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(RULES))
        return 0
    if not arguments or any(name not in RULES for name in arguments):
        print(__doc__ + "\nRules: " + ", ".join(RULES), file=sys.stderr)
        return 2
    failed = False
    for name in arguments:
        try:
            for finding in RULES[name]():
                failed = True
                print(finding)
        except Missing as tool:
            print(f"{name}: skipped, {tool} is not installed")
            return 77
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
