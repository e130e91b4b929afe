"""Headers on every answer: what a browser may do with it."""

from api.reply import App, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'self'; worker-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY: list[tuple[bytes, bytes]] = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), payment=()"),
]


def secured(app: App) -> App:
    """`app` with the security headers on each of its answers; one that a route sets itself stands instead."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                names = {name.lower() for name, _ in own}
                message["headers"] = own + [one for one in SECURITY if one[0] not in names]
            await send(message)

        await app(scope, receive, send_secured if scope["type"] == "http" else send)

    return answer
