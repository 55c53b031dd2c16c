"""How a thing that is as expected is told, and how two values are compared."""


class NotAsExpected(Exception):
    """The gateway answered otherwise than a client relies on."""


def ok(what: str) -> None:
    print(f"ok  {what}", flush=True)


def equal(what: str, found, expected) -> None:
    if found != expected:
        raise NotAsExpected(f"{what}: found {found!r}, expected {expected!r}")
