"""What the command line says when it cannot go on: one sentence in each language, and an exit code."""

DONE, REFUSED, USAGE = 0, 1, 2


class CommandError(Exception):
    """A command cannot go on: `text_vi` and `text_en` name the place and the remedy."""

    exit_code = REFUSED

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


class UsageError(CommandError):
    """The command was called wrongly: an option, an argument or a setting is at fault."""

    exit_code = USAGE


class ClusterError(CommandError):
    """The private PostGIS cannot be made, started or stopped."""
