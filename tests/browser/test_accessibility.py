"""Every page under axe, the checker of accessibility rules: nothing serious or critical, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages.shared.navigation import PAGES
from tests.browser.conftest import App

pytestmark = pytest.mark.browser

# of Streamlit's own making, on every page of every app; nothing that a page says can change them
STREAMLITS_OWN: frozenset[str] = frozenset()


def path_of(page: str) -> str:
    return "/" if page == next(iter(PAGES)) else f"/{page}"


@pytest.mark.parametrize("app", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_serious(app: App, page: str):
    app.open(f"{path_of(page)}?data=karate").healthy()
    found = Axe().run(app.page).response["violations"]
    serious = {
        rule["id"]: [node["html"][:200] for node in rule["nodes"][:3]]
        for rule in found
        if rule["impact"] in ("serious", "critical") and rule["id"] not in STREAMLITS_OWN
    }
    assert not serious, serious
