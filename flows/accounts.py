"""The account of a run, kept by Prefect as an artifact, and the word to the operator when a scheduled run fails."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from prefect.artifacts import create_markdown_artifact

from flows.alarms import send_alarm
from flows.now import utc_now
from flows.plan import Edition, Ingested, Read
from flows.sending import smtp_settings
from megawatch.briefs.deliver import Letter, deliver
from megawatch.errors import LedgerError, MegawatchError
from megawatch.ledger import open_ledger
from megawatch.ledger.deliveries import Deliveries
from megawatch.settings import read_settings

SHOWN_PROBLEMS = 40


def write_account(
    ingested: Ingested, read: Read, touched: int, *, contradictions: int, edition: Edition | None = None, site: str = ""
) -> str:
    """What a run came to, in Markdown; text of sources stands in code marks, so that none of it is markup.

    ``contradictions`` are those that stand now. The edition, where there is one, is linked to on ``site``.
    """
    problems = (*ingested.problems, *read.problems, *(edition.problems if edition else ()))
    lines = [
        "| step | count |",
        "|---|---|",
        f"| sources asked | {ingested.sources} |",
        f"| items | {ingested.items} |",
        f"| documents stored anew | {ingested.stored} |",
        f"| documents read | {read.documents} |",
        f"| mentions of deals | {read.deals} |",
        f"| prices | {read.prices} |",
        f"| claims | {read.claims} |",
        f"| figures left over | {read.leftovers} |",
        f"| deals settled | {touched} |",
        f"| contradictions standing | {contradictions} |",
        f"| problems | {len(problems)} |",
        "",
    ]
    if edition and edition.folder:
        place = f"<{site.rstrip('/')}/editions/{edition.week}.html>" if site else _code(edition.folder)
        lines += [f"The brief of {edition.week}, {edition.deals} new deals: {place}", ""]
    lines += [f"- {_code(problem.where)}: {_code(problem.what)}" for problem in problems[:SHOWN_PROBLEMS]]
    if len(problems) > SHOWN_PROBLEMS:
        lines.append(f"- and {len(problems) - SHOWN_PROBLEMS} more")
    return "\n".join(lines)


def keep_account(key: str, text: str) -> None:
    """Keep an account under a key; its history shows on Prefect's pages."""
    create_markdown_artifact(markdown=text, key=key, description="What the run came to")


def tell_operator(flow: Any, flow_run: Any, state: Any) -> None:
    """Mail the setting alert_to that a run failed, once a run; without that setting, or a mail server, do nothing."""
    settings = read_settings()
    if not settings.alert_to or not settings.smtp_host:
        return
    sender = parseaddr(settings.mail_from)[1]
    message_id = f"<run-{flow_run.id}@{sender.rpartition('@')[2]}>"

    def compose(recipient: str) -> Letter:
        message = EmailMessage()
        message["From"], message["To"], message["Message-ID"] = settings.mail_from, recipient, message_id
        message["Subject"] = f"Megawatch: the run of {flow.name} failed"
        message["Date"] = format_datetime(utc_now())
        message.set_content(
            f"{flow_run.name} ended as {state.name}:\n\n{state.message}\n\n`megawatch doctor` looks why.\n"
        )
        return Letter(message_id, message.as_bytes())

    try:
        with open_ledger(settings.ledger_url) as ledger:
            deliver(
                f"run-{flow_run.id}",
                [settings.alert_to],
                compose=compose,
                sender=sender,
                smtp=smtp_settings(settings),
                log=Deliveries(ledger),
            )
    except LedgerError as error:
        # The ledger may be what failed: then the word leaves unnoted, and a second telling does little harm.
        send_alarm(f"the run of {flow.name} failed\n\n{state.message}\n\n{error}", settings)
    except MegawatchError as error:
        raise RuntimeError(f"The operator could not be told: {error}") from error


def _code(words: str) -> str:
    return "`" + words.replace("`", "'").replace("\n", " ")[:300] + "`"
