"""What would change a decision: the smallest changes of facts and of the policy's numbers, each evaluated again."""

from boosterwatch.engine.author.what_if.find import Found, WhatIf, what_if

__all__ = ["Found", "WhatIf", "what_if"]
