"""Shapes of questions and answers about webhooks, for OpenAPI."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewWebhook(_Shape):
    """Where to send, of which communes (null: all), from which place in the feed on (null: from now on)."""

    url: str = Field(max_length=2000, examples=["https://tax.example.vn/dia-chinh"])
    communes: list[str] | None = Field(None, max_length=4000, examples=[["20242"]])
    shapes: Literal["none", "geojson", "wkb"] = "none"
    since: str | None = Field(None, max_length=64, examples=["0"])


class Resume(_Shape):
    """Go on where it stood, or from another place in the feed."""

    since: str | None = Field(None, max_length=64)


class Webhook(_Shape):
    """A subscription: `at` is the place in the feed up to which all was taken; `state` disabled: it failed for too long."""

    id: int
    name: str = Field(description="the account it belongs to")
    url: str
    communes: list[str] | None
    shapes: str
    at: str
    state: Literal["active", "paused", "disabled"]
    made_at: datetime
    made_by: str
    delivered_at: datetime | None
    failures: int
    failing_since: datetime | None
    next_try: datetime | None
    problem: str | None


class Webhooks(_Shape):
    """One's own subscriptions; for an office of all communes, all."""

    webhooks: list[Webhook]


class MadeWebhook(_Shape):
    """The secret is shown this once: HMAC-SHA256 over `timestamp.body` in the header Webhook-Signature (`v1=` and hex)."""

    webhook: Webhook
    secret: str
