"""Where the database is: a URL of PostgreSQL, less the part that is ours."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from coatcheck.core.errors import ConfigurationError

SCHEMES = ("postgresql", "postgres")
_EXAMPLE = "Write postgresql://user:password@host:5432/database, with / ? # @ in a password percent-encoded"


class Address(msgspec.Struct, frozen=True):
    """A database, and how to reach it. Its `repr` hides the password.

    Attributes:
        url: What the driver takes.
        where: Server and database, safe to show.
        feed_url: A direct way to the server, for LISTEN, where `url` leads through a pooler; None without.
    """

    url: str
    where: str
    feed_url: str | None = None

    def __repr__(self) -> str:
        return f"<Address of {self.where}>"

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read a URL. What it says beyond `feed_url` (percent-encoded) is for the driver: `sslmode`, say.

        Raises:
            ConfigurationError: It is none.
        """
        try:
            parts = urlsplit(url)
            parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        except ValueError as error:
            raise ConfigurationError("the postgresql:// URL cannot be read", remedy=_EXAMPLE) from error
        _, _, host = parts.netloc.rpartition("@")
        # An unencoded / ? or # in a password ends the part before it: nothing of this may be shown.
        if parts.scheme not in SCHEMES or (host == parts.netloc and "@" in url):
            raise ConfigurationError("this is no URL of PostgreSQL", remedy=_EXAMPLE)
        feed_url = parameters.pop("feed_url", None)
        server, _, _ = url.partition("?")
        return cls(
            url=f"{server}?{urlencode(parameters)}" if parameters else server,
            where=f"PostgreSQL at {host or 'localhost'}{parts.path}",
            feed_url=feed_url,
        )
