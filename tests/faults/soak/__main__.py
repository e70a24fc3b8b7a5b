"""The soak from the shell: ``python -m tests.faults.soak --faults 200 --seed 1``."""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.faults.soak.findings import Wrong
from tests.faults.soak.soak import Outcome, plan, soak_in, table

DAYS_OF_PEACE = 20
FAULTS_A_VERIFICATION = 25
SECONDS_OF_A_PAUSE = 30.0


def main() -> None:
    """Do so many faults; print each, then the table. Exit code 1 where anything was found."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="soak-") as made:
        folder = Path(made) if asked.folder is None else asked.folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        outcomes = _soak(folder, asked.faults, asked.seed)
    say(table(outcomes))
    if any(outcome.found[wrong] for outcome in outcomes for wrong in Wrong):
        sys.exit(1)


def _soak(folder: Path, faults: int, seed: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    begun = time.monotonic()
    with soak_in(folder, seed, SECONDS_OF_A_PAUSE) as soak:
        soak.live_in_peace(DAYS_OF_PEACE)
        for number, kind in enumerate(plan(faults, Random(seed)), 1):
            outcome = soak.suffer(kind)
            outcomes.append(outcome)
            found = ", ".join(f"{outcome.found[wrong]} {wrong}" for wrong in Wrong)
            say(f"{number}. {kind}: {found}, well again after {outcome.recovery:.1f} s")
            if any(outcome.found.values()):
                say("\n".join(soak.checker.findings.details))
            if number % FAULTS_A_VERIFICATION == 0 or number == faults:
                say(soak.verified().rstrip().rpartition("\n")[2])
        sent, said = len(soak.senders.acknowledged()), sum(map(len, soak.said()))
    seconds = time.monotonic() - begun
    say(f"{faults} faults, seed {seed}, {sent} facts, {said} signals, {seconds:.0f} s")
    return outcomes


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep servers and logs here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
