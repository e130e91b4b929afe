"""`diachinh migrate`: bring the register's tables, units and code lists to this version."""


def migrate_register() -> None:
    """Nâng cấp sổ địa chính lên phiên bản này · Bring the register to this version."""
    from cli.database import open_database
    from cli.say import answer
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly

    settings = read_settings()
    with stopped_cleanly(), open_database(settings) as conninfo:
        applied = bring_up(conninfo, settings.schema)
    answer(
        "\n".join(applied) if applied else "Sổ địa chính đã ở phiên bản mới nhất · The register is up to date"
    )


def bring_up(conninfo: str, schema: str) -> list[str]:
    """Names of the migrations applied to `schema` now, those of the queue too, in one transaction.

    A database that restarts just now is waited for. Raises: CommandError.
    """
    from api.jobs import install
    from cli.database import patiently
    from register.connect import connect
    from register.migrate import migrate

    def work() -> list[str]:
        with connect(conninfo, schema) as conn:
            return migrate(conn, schema) + install(conn)

    return patiently(work)
