"""Which rows were met before: a bit for each, so that millions fit."""

BITS = 8


class RowsSeen:
    """Remembers records by their ids, which are rows' numbers."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, record: str) -> bool:
        """Remember a record; tell whether it was not met before."""
        place, bit = divmod(int(record), BITS)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        is_new = not self._bits[place] >> bit & 1
        self._bits[place] |= 1 << bit
        return is_new

    def __contains__(self, record: str) -> bool:
        place, bit = divmod(int(record), BITS)
        return place < len(self._bits) and bool(self._bits[place] >> bit & 1)
