"""An office under fire: real processes that are killed, people at work over HTTP, and what must hold all the same."""
