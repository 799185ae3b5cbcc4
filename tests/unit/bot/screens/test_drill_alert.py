"""What the admins read of a drill."""

import pytest

from bot.screens import staff
from core.backups.drill import Outcome
from core.i18n import LANGUAGES, translator


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_a_sentence(outcome: Outcome, language: str) -> None:
    """In both languages, with the backup's name, and with the reason of a failed one."""
    t, failed = translator(language), outcome is Outcome.FAILED
    why = {"why": "backup_damaged", "values": {"name": "b"}} if failed else {"why": "", "values": {}}
    data = {"metric": outcome.value, "level": "ok", "name": "db_backup_1", "rows": "1,000", "seconds": "2.1", **why}
    said = str(staff.alert(t, data).text)
    assert ("db_backup_1" in said) is (outcome is not Outcome.NONE)
    assert (t("errors.backup_damaged", name="b") in said) is failed
