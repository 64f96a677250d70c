"""Killed at 100 random moments while sending to 200 readers through a server that refuses, delays and drops."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.ratio import Ratio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "megawatch" / "briefs"))


def measure(*, large: bool) -> Iterator[Ratio]:
    """Readers who got the edition once, beside those whom the server would take a letter for; nobody twice."""
    from sending import EDITION, kill_while_sending, readers, send
    from unruly_server import UnrulyServer, manner_of

    from megawatch.ledger import open_ledger
    from megawatch.ledger.deliveries import Deliveries

    kills, count = (100, 200) if large else (15, 200)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        open_ledger(path)
        with UnrulyServer(delay_s=0.05) as server:
            struck = kill_while_sending(path, server.port, count, kills=kills, longest_s=1.0, seed=2026)
            report = send(path, server.port, count)
        rows = Deliveries(open_ledger(path)).latest(EDITION)
    taken = server.inbox.taken
    assert report.complete
    assert rows.keys() == set(readers(count)), "somebody was forgotten"
    assert max(taken.values()) == 1, "somebody got it twice"
    assert all(taken[address] == 1 for address, row in rows.items() if row.state == "sent")
    unknown = [address for address, row in rows.items() if row.state == "unknown"]
    dropped = [address for address in readers(count) if 24 <= manner_of(address) < 32]
    name = f"readers of {count} with one letter or a known refusal, killed {struck} times at work"
    yield Ratio(
        name=name,
        ours=count - len(unknown),
        unit="readers",
        goal="nobody twice, nobody forgotten; the others reported as unknown",
        beside_name="never killed: all but those whom the server drops",
        beside=count - len(dropped),
    )


if __name__ == "__main__":
    for row in measure(large="--large" in sys.argv):
        print(row, row.ratio)
