"""SIGKILL under mixed load over HTTP: every 2xx is found again, by content, etag and id.

    kill_test.py [--seed N] [--rounds N]
"""

import argparse
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import kill_rounds
import report as reports
from essaim_server import scratch

ROUNDS = 100


def main(rounds=ROUNDS):
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options.add_argument("--rounds", type=int, default=rounds)
    options = options.parse_args()
    report = reports.Report()
    kill_rounds.play(report, scratch("kill"), options.seed, options.rounds)
    report.finish()


if __name__ == "__main__":
    main()
