"""The data of one dataset while its checks run: read when asked for, shown in each view once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.checks.data import read_columns
from headwater.checks.model import Unreadable
from headwater.checks.views import seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from headwater.checks.data import DataFile
    from headwater.checks.model import View


class UnreadableError(Exception):
    """The data turned out to be unreadable when it was read."""

    def __init__(self, found: Unreadable) -> None:
        super().__init__(found.reason.en)
        self.found = found


class Table:
    """A dataset's columns, as they are and as the checks see them."""

    def __init__(self, data: DataFile, names: Sequence[str]) -> None:
        self.data = data
        self.names = tuple(names)
        self.unseen: dict[tuple[str, View], int] = {}
        self._read: dict[str, pd.Series] = {}
        self._shown: dict[tuple[str, View], pd.Series] = {}

    def has_rows(self) -> bool:
        """Say whether there are any records.

        Raises:
            UnreadableError: The data cannot be read.
        """
        if not self.data.is_scanned:
            return not self.frame(self.names[:1]).empty
        found = read_columns(self.data, self.names[:1], rows=1)
        if isinstance(found, Unreadable):
            raise UnreadableError(found)
        return not found.empty

    def frame(self, names: Sequence[str]) -> pd.DataFrame:
        """Return columns as they are; of a text file all are read at once.

        Raises:
            UnreadableError: They cannot be read.
        """
        import pandas as pd

        missing = [name for name in names if name not in self._read]
        if missing:
            wanted = missing if self.data.is_scanned else self.names
            found = read_columns(self.data, wanted)
            if isinstance(found, Unreadable):
                raise UnreadableError(found)
            self._read |= {name: found[name] for name in wanted}
        return pd.DataFrame({name: self._read[name] for name in names})

    def shown(self, names: Sequence[str], view: View) -> pd.DataFrame:
        """Return columns in ``view``; how many values it cannot show stands in ``unseen``.

        Raises:
            UnreadableError: They cannot be read.
        """
        import pandas as pd

        missing = [name for name in names if (name, view) not in self._shown]
        for name, column in self.frame(missing).items() if missing else ():
            self._shown[str(name), view], self.unseen[str(name), view] = seen(column, view)
        return pd.DataFrame({name: self._shown[name, view] for name in names})
