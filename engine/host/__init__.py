"""Released packs as one file, and the host that runs them: verified before use, swapped whole.

Flow: release -> sign, approve -> **bundle -> host** -> evaluate. It needs the library `cryptography`, as trust does.
"""

from boosterwatch.engine.host.bundle import Bundle, build_bundle, open_bundle
from boosterwatch.engine.host.events import Event
from boosterwatch.engine.host.floor import Floor
from boosterwatch.engine.host.host import EngineHost, NotRunning
from boosterwatch.engine.host.load import Hosted, load_bundle

__all__ = [
    "Bundle",
    "EngineHost",
    "Event",
    "Floor",
    "Hosted",
    "NotRunning",
    "build_bundle",
    "load_bundle",
    "open_bundle",
]
