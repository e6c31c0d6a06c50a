"""The address of a shared index, `postgresql://user@host/database?schema=name`, and what of it may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from corpus_tool.errors import UsageError

SCHEMA = "corpus_tool"
"""Where the tables stand if the address names no schema."""
_SCHEMES = ("postgresql", "postgres")
_SHOWN = ("service", "host", "hostaddr", "port", "dbname", "user")
_SECRET = ("password", "sslpassword")
_NAME = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_HOSTS = re.compile(r"(?:(?:\[[^\]]*\]|[^:,\[\]]*)(?::\d*)?(?:,|$))*")
_ENCODED = (
    "a password, user or name with one of : / ? # @ [ ] % needs it as %3A %2F %3F %23 %40 %5B %5D %25 "
    "(or leave the password to ~/.pgpass or PGPASSWORD)"
)


def is_server(name: str) -> bool:
    """Whether a name is meant as the address of a server."""
    scheme, divided, _ = name.partition("://")
    return bool(divided) and scheme.lower() in _SCHEMES


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index is.

    Attributes:
        shown: What messages and receipts call it.
        conninfo: What libpq is told.
        schema: Where its tables stand.
        secrets: What no message may hold.
    """

    shown: str
    conninfo: str
    schema: str
    secrets: tuple[str, ...]

    @classmethod
    def parse(cls, typed: str) -> Address:
        """The address that was typed.

        Raises:
            UsageError: It is none; nothing of it is in the message, as any part may be a password.
        """
        try:
            parts = urlsplit(typed)
            query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        except ValueError:
            raise _refused(_ENCODED) from None
        credentials, _, hosts = parts.netloc.rpartition("@")
        if "#" in typed or "@" in credentials + parts.path or not _HOSTS.fullmatch(hosts):
            raise _refused(_ENCODED)
        user, _, password = credentials.partition(":")
        given = dict(query)
        schema = given.pop("schema", SCHEMA)
        if not _NAME.fullmatch(schema):
            raise _refused("the schema has a name of small letters, digits and _")
        place = f"{quote(user, safe='%')}@" * bool(user) + hosts
        secrets = (password, unquote(password), *(given.get(name, "") for name in _SECRET))
        return cls(
            _joined(place, parts.path, {name: given[name] for name in _SHOWN if name in given}, schema),
            f"postgresql://{parts.netloc}{parts.path}?{urlencode(given, quote_via=quote)}",
            schema,
            tuple(secret for secret in secrets if secret),
        )

    def without_secrets(self, text: str) -> str:
        """A text of somebody else's, such as the server's, as it may be shown."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def _joined(place: str, path: str, query: dict[str, str], schema: str) -> str:
    if schema != SCHEMA:
        query["schema"] = schema
    return f"postgresql://{place}{path}" + (
        f"?{urlencode(query, safe='/', quote_via=quote)}" if query else ""
    )


def _refused(why: str) -> UsageError:
    return UsageError(f"the address of the index is not postgresql://USER@HOST/DATABASE: {why}")
