"""tools/pieces: runs what it is told, keeps what has passed, and says what has not."""

import subprocess
import tempfile
import unittest
from pathlib import Path

PROJECT = Path(__file__).parents[2]
TOOL = PROJECT / "tools" / "pieces"
# Passes if told to, and writes down that it ran and with what.
PROGRAM = """#!/bin/sh
echo "$0 ran: ${SETTING:-none}" "$@" >>"{ran}"
echo "12 programs, 3 skipped"
echo "[       OK ] Some.Test (7 ms)"
test "$1" != --fail
"""


class Pieces(unittest.TestCase):
    def setUp(self):
        (PROJECT / "build").mkdir(exist_ok=True)
        self.folder = tempfile.TemporaryDirectory(dir=PROJECT / "build", prefix="pieces_test-")
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)
        self.ran = self.path / "ran"
        self.program = self.path / "test"
        self.write(PROGRAM)

    def write(self, program):
        self.program.write_text(program.replace("{ran}", str(self.ran)), encoding="utf-8")
        self.program.chmod(0o755)

    def pieces(self, *lines):
        kept = self.path.name + "/kept"
        return subprocess.run([TOOL, kept, self.program], capture_output=True, check=False,
                              input="".join(line + "\n" for line in lines), text=True)

    def times(self):
        return len(self.ran.read_text(encoding="utf-8").splitlines())

    def test_tells_each_piece_what_its_line_says(self):
        run = self.pieces("one SETTING=1 --a=b --c", "two --fast")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(sorted(run.stdout.splitlines()),
                         ["one: 12 programs, 3 skipped", "two: 12 programs, 3 skipped"])
        ran = self.ran.read_text(encoding="utf-8")
        self.assertIn("ran: 1 --a=b --c\n", ran)
        self.assertIn("ran: none --fast\n", ran)

    def test_says_how_long_a_test_took_that_says_no_more(self):
        self.write(PROGRAM.replace('echo "12', '# echo "12'))
        self.assertEqual(self.pieces("one").stdout, "one: 7 ms\n")

    def test_says_what_bounds_a_test_that_was_skipped(self):
        self.write(PROGRAM.replace("12 programs, 3 skipped", "bounded: nothing in 20 states"))
        self.assertEqual(self.pieces("one").stdout, "one: bounded: nothing in 20 states\n")

    def test_runs_what_has_passed_no_second_time(self):
        self.pieces("one", "two")
        run = self.pieces("one", "two", "three")
        self.assertEqual(len(run.stdout.splitlines()), 3)
        self.assertEqual(self.times(), 3)

    def test_runs_all_again_of_another_program(self):
        self.pieces("one")
        self.write(PROGRAM + "# changed\ntrue\n")
        self.pieces("one")
        self.assertEqual(self.times(), 2)

    def test_shows_what_a_piece_said_that_failed_and_runs_it_again(self):
        for _ in range(2):
            run = self.pieces("bad --fail", "good")
            self.assertEqual(run.returncode, 1)
            self.assertIn("bad: failed\n", run.stdout)
            self.assertIn("[       OK ] Some.Test (7 ms)\n", run.stdout)
            self.assertIn("good: 12 programs, 3 skipped\n", run.stdout)
        self.assertEqual(self.times(), 3)


if __name__ == "__main__":
    unittest.main()
