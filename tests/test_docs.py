"""The documentation builds with every link checked, and its dictionary is that of the ledger."""

import subprocess
import sys
from pathlib import Path

from megawatch.ledger.dictionary import read_dictionary

ROOT = Path(__file__).resolve().parent.parent


def test_documentation_builds_and_holds_the_dictionary(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "dictionary" / "index.html").read_text(encoding="utf-8")
    for view in read_dictionary():
        assert f'id="{view.name}"' in page
        assert all(f"<code>{column.name}</code>" in page for column in view.columns)
