"""kill_test.py, ten times as long."""

import kill_test

ROUNDS = 1000

if __name__ == "__main__":
    kill_test.main(ROUNDS)
