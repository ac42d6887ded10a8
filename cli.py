"""The command line; a placeholder until the commands are written."""


def main() -> None:
    """Run the command line."""
