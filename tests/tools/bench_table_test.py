"""tools/bench-table: medians, goals and plots of what Google Benchmark has written."""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "bench-table"


def run_of(name, ns=None, **more):
    """One repetition, of so many ns an item."""
    run = {"name": name, "run_name": name, "run_type": "iteration"}
    return run | ({"items_per_second": 1e9 / ns} if ns else {}) | more


class BenchTable(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = Path(self.folder.name) / "runs.json"
        self.plots = Path(self.folder.name) / "plots"

    def table(self, runs, *options):
        text = runs if isinstance(runs, str) else json.dumps({"benchmarks": runs})
        self.file.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, TOOL, self.file, *options], text=True,
                              capture_output=True, check=False)

    def printed(self, runs, *options):
        done = self.table(runs, *options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [re.split(r"\s{2,}", line.strip()) for line in done.stdout.splitlines()]

    def test_the_median_of_the_repetitions_is_shown(self):
        runs = [run_of("batch/n:8/ours", ns) for ns in (7, 3, 5)]
        runs.append(run_of("batch/n:8/ours", 1, run_type="aggregate"))
        self.assertIn(["batch/n:8", "5.00"], self.printed(runs))

    def verdict(self, ours, base):
        hot = "hot_pair/order:0"
        runs = [run_of(f"{hot}/ours", ns) for ns in ours]
        runs += [run_of(f"{hot}/pcp_buddy", ns) for ns in base]
        return next(line for line in self.printed(runs) if line[0] == f"{hot}, ours / pcp_buddy")

    def test_a_goal_is_met_met_but_for_noise_or_missed(self):
        self.assertEqual(self.verdict([5, 5, 5], [10, 10, 10])[-1], "met")
        self.assertEqual(self.verdict([5.5, 5.5, 5.5], [10, 10, 10])[-1], "met, but for noise")
        self.assertEqual(self.verdict([6, 6, 6], [10, 10, 10])[-1], "missed")
        self.assertEqual(self.verdict([4, 5, 9], [10, 10, 10])[1:3], ["0.50", "0.40 .. 0.90"])

    def test_what_was_not_measured_is_neither_met_nor_missed(self):
        self.assertEqual(self.verdict([5], [])[-1], "not measured")
        no_time = [run_of(f"latency/{subject}", None, **{"p50": 0, "p99": 0, "p99.9": 0})
                   for subject in ("ours", "spin_buddy")]
        self.assertIn(["latency/p99.9, ours / spin_buddy", "-", "-", "<= 1.30", "not measured"],
                      self.printed(no_time))

    def test_a_share_must_be_at_least_that_of_the_baseline(self):
        def of(share):
            row = "fragmentation/small/random"
            runs = [run_of(f"{row}/{subject}", huge_share=value)
                    for subject, value in (("ours", share), ("spin_buddy", 0.5))]
            return next(line for line in self.printed(runs)
                        if line[0] == f"{row}, ours / spin_buddy")
        self.assertEqual(of(0.5)[-2:], [">= 1.00", "met"])
        self.assertEqual(of(0.49)[-1], "missed")

    def test_what_a_storm_costs_is_its_own_ratio(self):
        def of(*ratios):
            runs = [run_of("storm/replace/ours", 1e7, calm=10, storm=30, storm_ratio=ratio)
                    for ratio in ratios]
            return self.printed(runs)
        calm = of(0.9, 1.0, 1.1)
        self.assertIn(["storm/replace/calm", "10.0"], calm)
        goal = "storm/replace, ours, storm / calm by turns"
        self.assertIn([goal, "1.00", "0.90 .. 1.10", "contains 1.00", "met"], calm)
        self.assertIn([goal, "1.20", "1.10 .. 1.30", "contains 1.00", "missed"], of(1.1, 1.2, 1.3))

    def test_a_plot_shows_what_took_less_than_the_clock_can_tell(self):
        runs = [run_of(f"latency/{subject}", None, **{"p50": p50, "p99": 20, "p99.9": 400})
                for subject, p50 in (("ours", 0), ("spin_buddy", 10))]
        self.printed(runs, "--svg", str(self.plots))
        self.assertIn("<polyline", (self.plots / "latency.svg").read_text(encoding="utf-8"))

    def test_a_file_that_is_none_of_google_benchmark_is_named(self):
        for text in ("{", "[]", "{}", '{"benchmarks": [{}]}'):
            done = self.table(text)
            self.assertEqual(done.returncode, 2, text)
            self.assertIn("runs.json", done.stderr)
            self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
