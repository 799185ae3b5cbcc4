"""A shop that hypothesis lives in: opened on a fresh SQLite file for each life, closed and removed after it."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from core import shop as core_shop
from core.clock import SteppedClock
from core.config import Config
from core.errors import ShopError
from tests.support.builders import ScriptedBank

T = TypeVar("T")


class ShopMachine(RuleBasedStateMachine):
    """A stateful test with a shop of its own; ``template`` is the migrated file that each life starts from."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="haang-life-"))
        shutil.copyfile(self.template, self.folder / "haang.sqlite3")
        self.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        config = Config(_env_file=None, data_dir=self.folder, backup_dir=self.folder)
        self.shop = self.run(core_shop.open_shop(config, ScriptedBank(), SteppedClock()))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end."""
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do what may be refused; what the shop refuses, it refuses with a sentence."""
        with suppress(ShopError):
            return self.run(work)
        return None

    def teardown(self) -> None:
        """Close the shop and its folder."""
        self.run(self.shop.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    @classmethod
    def live(cls, template: Path, examples: int, steps: int) -> None:
        """Live so many lives of so many steps; a failed one is not shortened, which costs minutes: it can be read."""
        cls.template = template
        how = settings(
            max_examples=examples, stateful_step_count=steps, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )  # fmt: skip
        run_state_machine_as_test(cls, settings=how)
