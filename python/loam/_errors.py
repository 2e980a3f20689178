"""What every call raises."""


class LoamError(Exception):
    """A refusal or a failure, with a stable code that docs/troubleshooting.md explains.

    `category` says what to do next, as the exit codes of the command line do: 1 read the message, 2 correct the input,
    3 restore from a backup, 4 try again, 5 free space.
    """

    def __init__(self, code: str, category: int, message: str) -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.category = category
        self.message = message

    def __reduce__(self) -> tuple[type["LoamError"], tuple[str, int, str]]:
        return LoamError, (self.code, self.category, self.message)
