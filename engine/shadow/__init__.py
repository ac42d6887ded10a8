"""A trial run beside the pack that decides: what it would have said, and never a word of it in the answer.

Flow: load -> evaluate under the active pack (that is the answer) -> **shadow** -> differences, and a line in a log.
Whatever the trial does, the decision was made before it began.
"""

from boosterwatch.engine.shadow.compare import Difference, differences
from boosterwatch.engine.shadow.log import append_line, line_of
from boosterwatch.engine.shadow.run import Shadowed, beside, shadow

__all__ = ["Difference", "Shadowed", "append_line", "beside", "differences", "line_of", "shadow"]
