"""Levenshtein's distances, in Python: the same numbers, slower."""

__all__ = ["distance", "ratio", "hamming", "jaro", "jaro_winkler"]


def _distance(a, b, replace):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for k, y in enumerate(b, 1):
            last, row[k] = row[k], min(row[k] + 1, row[k - 1] + 1, last + (0 if x == y else replace))
    return row[-1]


def distance(s1, s2):
    return _distance(s1, s2, 1)


def ratio(s1, s2):
    """1 less the share of characters that are inserted or deleted."""
    total = len(s1) + len(s2)
    return 1.0 - _distance(s1, s2, 2) / total if total else 1.0


def hamming(s1, s2):
    if len(s1) != len(s2):
        raise ValueError("Sequences are not the same length.")
    return sum(x != y for x, y in zip(s1, s2))


def jaro(s1, s2):
    if not s1 and not s2:
        return 1.0
    reach = max(max(len(s1), len(s2)) // 2 - 1, 0)
    taken, matched = [False] * len(s2), []
    for i, x in enumerate(s1):
        for k in range(max(0, i - reach), min(len(s2), i + reach + 1)):
            if not taken[k] and s2[k] == x:
                taken[k] = True
                matched.append(x)
                break
    if not matched:
        return 0.0
    other = [y for y, t in zip(s2, taken) if t]
    swapped = sum(x != y for x, y in zip(matched, other)) // 2
    m = len(matched)
    return (m / len(s1) + m / len(s2) + (m - swapped) / m) / 3.0


def jaro_winkler(s1, s2, prefix_weight=0.1):
    similar = jaro(s1, s2)
    if similar <= 0.7:
        return similar
    prefix = 0
    for x, y in zip(s1[:4], s2[:4]):
        if x != y:
            break
        prefix += 1
    return similar + prefix * prefix_weight * (1.0 - similar)
