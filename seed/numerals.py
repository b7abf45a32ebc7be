"""Chinese numerals up to 99, as headings count: 十七 is 17."""

DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}


def chinese_number(numeral: str) -> int:
    """The value of 一 … 九十九; ValueError for anything else."""
    tens, ten, ones = numeral.rpartition("十")
    if not numeral or (tens and tens not in DIGITS) or (ones and ones not in DIGITS):
        raise ValueError(numeral)
    if not ten:
        if not DIGITS[ones]:
            raise ValueError(numeral)
        return DIGITS[ones]
    value = (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)
    if chinese_numeral(value) != numeral:
        raise ValueError(numeral)
    return value


def chinese_numeral(value: int) -> str:
    """The numeral of 1 … 99."""
    characters = "〇一二三四五六七八九"
    tens, ones = divmod(value, 10)
    before = "" if tens == 0 else "十" if tens == 1 else f"{characters[tens]}十"
    return before + (characters[ones] if ones else "")
