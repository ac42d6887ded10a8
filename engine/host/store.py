"""What a host keeps in its `state` folder: the floor, and the bundle that was accepted last.

Several hosts, as in several processes of one service, may share the folder. A bundle is written before the floor rises
to it: killed in between, the kept bundle is not below the floor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.durable_files import write_durably
from boosterwatch.engine.host.bundle import Bundle
from boosterwatch.engine.host.floor import Floor, read_floor, update_floor
from boosterwatch.engine.host.sources import BUNDLE, Offer, Unreadable, read_offer

FLOOR = "floor.json"


@dataclass(frozen=True, slots=True)
class Store:
    """The state folder of the hosts of one pack; hosts of other packs may use it too."""

    folder: Path
    pack: str

    @property
    def floor_file(self) -> Path:
        """Where the floor is."""
        return self.folder / FLOOR

    @property
    def bundle_file(self) -> Path:
        """Where the last known good bundle is."""
        return self.folder / f"{self.pack}{BUNDLE}"

    def floor(self) -> Floor:
        """Return the floor as it is now. Raises PackError BW272."""
        return read_floor(self.floor_file)

    def last_good(self) -> Offer | Unreadable | None:
        """Return the bundle that was accepted last, None when there is none; it is verified like any other."""
        return read_offer(self.bundle_file)

    def withdraw(self, withdrawn: Mapping[str, str]) -> Floor:
        """Return the floor after these releases were withdrawn, kept durably. Raises PackError BW272, BW273."""

        def change(floor: Floor) -> Floor:
            for manifest, reason in withdrawn.items():
                floor = floor.without(manifest, reason)
            return floor

        return update_floor(self.floor_file, change)

    def accept(self, bundle: Bundle) -> None:
        """Keep a bundle as the last known good one, then raise the floor to it.

        Raises PackError: BW269 to BW271 when another host has meanwhile raised the floor above it, BW488 when the
        bundle cannot be written, BW272 and BW273. Then the floor is as it was, and the release must not be used.
        """

        def change(floor: Floor) -> Floor:
            problems = tuple(floor.problems(bundle.manifest))
            if problems:
                raise PackError(problems)
            self._keep(bundle)
            return floor.raised(bundle.manifest)

        update_floor(self.floor_file, change)

    def _keep(self, bundle: Bundle) -> None:
        try:
            write_durably(self.bundle_file, bundle.data, mode=0o600)
        except OSError as error:
            message = f"`{self.bundle_file}` cannot be written: {(error.strerror or 'it is no file name').lower()}"
            hint = "no release is taken into use before it is kept; free space, or let the host's account write there"
            raise PackError((Diagnostic("BW488", message, None, hint),)) from None
