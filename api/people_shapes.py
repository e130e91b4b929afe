"""Shapes of questions and answers about people. Secrets come as SecretStr: no repr and no log shows them."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Shape):
    """Name and password; letters may come composed or not."""

    name: str = Field(max_length=256, examples=["office"])
    password: SecretStr = Field(max_length=1024)


class Refresh(_Shape):
    """The refresh token that came last; each is good once."""

    refresh: SecretStr = Field(max_length=256)


class NewPassword(_Shape):
    """One's own password, and what it shall be."""

    old: SecretStr = Field(max_length=1024)
    new: SecretStr = Field(max_length=1024)


class NewAccount(_Shape):
    """Somebody new. A person's password is generated unless it is given; a system has none and asks with keys."""

    name: str = Field(max_length=256, examples=["nguyen.van.an"])
    full_name: str = Field("", max_length=256, examples=["Nguyễn Văn An"])
    kind: Literal["person", "system"] = "person"
    password: SecretStr | None = Field(None, max_length=1024)


class NewGrant(_Shape):
    """A role for a commune by its code; null: for all. `before`: the commune of that code until 30 June 2025."""

    role: str = Field(max_length=32, examples=["editor"])
    commune: str | None = Field(max_length=16, examples=["20242"])
    before: StrictBool = False


class NewKey(_Shape):
    """What a system's key is for, and when it ends (null: when it is revoked)."""

    label: str = Field(max_length=256, examples=["Cơ quan thuế"])
    expires_at: datetime | None = None


class Place(_Shape):
    """A commune (xã, phường, đặc khu)."""

    code: str = Field(examples=["20242"])
    name: str = Field(examples=["phường Hải Châu"])


class Me(_Shape):
    """Who asks: roles, each with codes of communes of today (null: all), and all those communes by name (null: all)."""

    name: str
    full_name: str
    roles: list[str]
    communes: list[Place] | None
    scopes: dict[str, list[str] | None]


class Session(_Shape):
    """Send `access` as Authorization: Bearer until `expires_at`; then `refresh`, once, until `refresh_until`."""

    access: str
    refresh: str
    expires_at: datetime
    refresh_until: datetime
    account: Me


class Grant(_Shape):
    """A role for a commune, or for all (null)."""

    id: int
    role: str
    commune: Place | None
    made_at: datetime
    made_by: str


class Key(_Shape):
    """A system's key, without the key."""

    id: int
    label: str
    made_at: datetime
    made_by: str
    expires_at: datetime | None
    last_used: date | None


class Account(_Shape):
    """Somebody who may sign in."""

    name: str
    full_name: str
    kind: Literal["person", "system"]
    disabled: bool
    made_at: datetime
    grants: list[Grant]
    keys: list[Key]


class MadeAccount(Account):
    """The new account; `password` where it was generated, shown this once."""

    password: str | None


class MadePassword(_Shape):
    """A generated password, shown this once."""

    password: str


class MadeKey(_Shape):
    """A new key, shown this once."""

    id: int
    key: str


class Accounts(_Shape):
    """Accounts by name; `after` gives the next page, null where there is none."""

    accounts: list[Account]
    after: str | None
