"""Figures of several rounds, and how they are told: the median, and the lowest and highest."""

import statistics


class Figures:
    """What was measured of one thing, a figure a round."""

    def __init__(self, values=()):
        self.values = list(values)

    def add(self, value):
        self.values.append(value)

    def __bool__(self):
        return bool(self.values)

    @property
    def median(self):
        return statistics.median(self.values)

    def lowest_to_highest(self, digits=0):
        return f"{min(self.values):.{digits}f} to {max(self.values):.{digits}f}"


def ratio(figures, base):
    """The ratio of two medians; None where one of them was not measured."""
    if not figures or not base or base.median == 0:
        return None
    return figures.median / base.median


def shown(value, digits=2):
    return "not measured" if value is None else f"{value:.{digits}f}"
