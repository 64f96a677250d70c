"""The files of an edition on disk: page, text, Markdown, JSON, a message and the charts."""

from __future__ import annotations

import os
from pathlib import Path

from megawatch.briefs.mail import MailSettings, build_message, message_bytes
from megawatch.briefs.render import UNSUBSCRIBE_TEXT, Rendered


def write_edition(rendered: Rendered, folder: Path, *, settings: MailSettings | None = None) -> tuple[Path, ...]:
    """Write ``brief.html`` (the page), ``brief.txt``, ``brief.md``, ``brief.json``, ``brief.eml`` and charts.

    The message is addressed to its own sender: it is what a subscriber would get. Each file appears whole or not at
    all, and writing the same edition again changes no byte.
    """
    settings = settings or MailSettings()
    message = build_message(rendered, recipient=settings.sender, settings=settings)
    files = {
        "brief.html": rendered.page.encode(),
        "brief.txt": (rendered.text.replace(UNSUBSCRIBE_TEXT, "").rstrip() + "\n").encode(),
        "brief.md": rendered.markdown.encode(),
        "brief.json": rendered.data.encode(),
        "brief.eml": message_bytes(message, settings),
    }
    for image in rendered.images:
        files[f"charts/{image.name}-light.png"] = image.light
        files[f"charts/{image.name}-dark.png"] = image.dark
    return tuple(write_whole(folder / name, data) for name, data in files.items())


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file beside its place, then move it there; a file that holds the same already is left alone."""
    if path.exists() and path.read_bytes() == data:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)
    return path
