"""convergence_test.py for longer: more new seeds, more rounds each."""

import convergence_test

SEEDS_NEW = 8
ROUNDS = 100

if __name__ == "__main__":
    convergence_test.main(SEEDS_NEW, ROUNDS)
