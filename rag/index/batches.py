"""Texts -> batches of so many tokens: a card is filled by tokens and not by texts, and padding is work for nothing."""

from collections.abc import Sequence


def batches(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Positions of texts of these lengths, longest first, in batches that padded to their longest hold at most
    `tokens`; a text that is longer than that is alone."""
    made: list[list[int]] = []
    longest = 0
    for at in sorted(range(len(lengths)), key=lambda at: -lengths[at]):
        if not made or (len(made[-1]) + 1) * longest > tokens:
            made.append([])
            longest = max(1, lengths[at])
        made[-1].append(at)
    return made
