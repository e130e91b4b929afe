"""The links of a match, as `register.apply` takes them."""

from dataclasses import dataclass

import psycopg

from register.errors import StaleError
from register.statements import load, one

MANY = 5_000
"""So many links at once change what the planner has to know of the tables."""


@dataclass(slots=True)
class MatchedLinks:
    """Makes the links that stand in the temporary table `address_link`, all by the same few statements."""

    linked: int = 0

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Each parcel keeps exactly one main address; links of the same address give way.

        Raises: StaleError where a parcel ended, or a link that was to give way did, since the match.
        """
        sql = load("register.address_match", "links.sql")
        if one(conn, sql["hold"])[0] < one(conn, sql["asked"])[0]:
            (code,) = one(conn, sql["gone"])
            raise StaleError(
                f"Parcel {code} is no longer in force: match the file again.",
                f"Thửa {code} không còn hiệu lực: hãy đối chiếu lại tệp.",
                {code: 0},
            )
        values = {"correction": correction}
        if conn.execute(sql["close"], values).rowcount < one(conn, sql["closing"])[0]:
            raise StaleError(
                "Addresses of these parcels were changed since the file was matched: match it again.",
                "Địa chỉ của các thửa này đã thay đổi sau khi đối chiếu: hãy đối chiếu lại tệp.",
                {},
            )
        conn.execute(sql["make_addresses"], values)
        conn.execute(sql["step_aside"], values)
        try:
            with conn.transaction():
                self.linked = conn.execute(sql["make"], values).rowcount
        except psycopg.errors.UniqueViolation as error:
            raise StaleError(
                "Somebody linked these addresses meanwhile: match the file again.",
                "Đã có người gắn các địa chỉ này: hãy đối chiếu lại tệp.",
                {},
            ) from error
        if self.linked >= MANY:
            conn.execute(sql["analyze"])

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Nothing: parcels are held."""
