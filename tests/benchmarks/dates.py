"""Which share of the lines of dates is read right: here, by htmldate and by dateparser.

python -m tests.benchmarks.dates
"""

from __future__ import annotations

from tests.ingest.written_dates import by_dateparser, by_htmldate, lines, ours


def main() -> None:
    """Print the share of each, and every line that is read wrong here."""
    every = lines()
    for name, read in (
        ("ours", ours),
        ("htmldate", by_htmldate),
        ("dateparser", by_dateparser),
    ):
        found = [(line, read(line)) for line in every]
        right = sum(line.expected == day for line, day in found)
        print(f"{name:<11} {right}/{len(every)} = {right / len(every):.3f}")
        if read is ours:
            for line, day in found:
                if day != line.expected:
                    print(f"  {day} for {line.expected}: {line.kind} {line.written}")


if __name__ == "__main__":
    main()
