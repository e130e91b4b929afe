"""The check of a survey: the same rules and words on a desk without a network and on the server."""
