"""SQL statements counted; the fixture `statements` collects them."""


def selects(statements: list[str]) -> int:
    """Statements that read, the version of the data aside."""
    return sum("SELECT" in s and "SELECT revision.number" not in s for s in statements)
