"""The past of a ledger, as sessions at several of its moments share it: read once, and no stretch replayed again for each of them."""

from collections.abc import Sequence
from functools import cached_property

from govern.cli.project import Project
from govern.engine.replay import Replay
from govern.ledger.lines import Chain, Record, read_records


class Past:
    """The lines of a ledger, their records, and the states behind them that were asked for. What it gives is shared: nobody moves it on."""

    def __init__(self, project: Project, lines: Sequence[bytes]) -> None:
        self._project = project
        self._lines = lines
        self._replays: dict[int, Replay] = {}

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """Every record, read without verifying signatures: whoever replays them does."""
        return tuple(read_records(self._lines, Chain(known=len(self._lines))))

    def keep(self, replay: Replay) -> None:
        """Keep a state that was replayed already."""
        self._replays[replay.chain.size] = replay

    def replay_at(self, size: int, known: int) -> Replay:
        """Return the state behind so many records, replayed from the nearest one before; signatures of the first `known` were verified."""
        if size not in self._replays:
            before = max((each for each in self._replays if each < size), default=0)
            replay = self._replays[before].copied() if before else self._project.replay_nothing(known=known)
            replay.take_all(self._lines[before:size])
            self.keep(replay)
        return self._replays[size]
