"""Whether durable_rules can be tested here."""

import pytest

from boosterwatch.engine.chain.durable import durable_available

AVAILABLE, REASON = durable_available()

needs_durable_rules = pytest.mark.skipif(not AVAILABLE, reason=REASON or "durable_rules can be imported")
