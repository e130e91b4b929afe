"""Headers on every answer: what a browser may do with it. An answer that says one of them itself is left that one."""

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
    """`app` with the security headers on each of its answers, where the answer has none of that name."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                names = {name.lower() for name, _ in own}
                message["headers"] = own + [pair for pair in SECURITY if pair[0] not in names]
            await send(message)

        await app(scope, receive, send_secured if scope["type"] == "http" else send)

    return answer
