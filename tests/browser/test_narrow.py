"""A person with a phone, or with a page at 200 %: the navigation is there, and nothing is cut off at the side."""

import pytest
from playwright.sync_api import expect

from pages.shared.frame.navigation import PAGES
from tests.browser.conftest import App
from tests.browser.test_accessibility import path_of

pytestmark = pytest.mark.browser
PHONE, ZOOMED = (390, 844), (720, 450)  # the latter is 1440 x 900 at 200 %
# runs in the page: by how many pixels it scrolls sideways, and the headings and buttons of the toolbar that reach out
OUTSIDE = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  const parts = main.querySelectorAll("h1, h2, h3, h4, .st-key-toolbar button, [data-testid=stMarkdown] p strong");
  const outside = [...parts].filter((it) => it.getBoundingClientRect().right > innerWidth + 1);
  return [main.scrollWidth - main.clientWidth, outside.map((it) => it.innerText)];
}"""


@pytest.mark.parametrize("page", PAGES)
def test_nothing_scrolls_sideways_and_the_navigation_opens(app: App, page: str):
    app.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    app.page.wait_for_function("width => innerWidth === width", arg=PHONE[0])  # which decides whether the menu is open
    app.open(path_of(page)).healthy()
    for width, height in (PHONE, ZOOMED):
        app.page.set_viewport_size({"width": width, "height": height})
        app.settle()
        assert app.page.evaluate(OUTSIDE) == [0, []], width
    app.page.get_by_test_id("stExpandSidebarButton").click()
    expect(app.page.get_by_test_id("stSidebar").get_by_role("link", name="Explore")).to_be_visible()


@pytest.mark.parametrize(("width", "height", "most"), [(*PHONE, 0.5), (1024, 768, 0.55), (1440, 900, 0.45)])
def test_the_graph_is_in_view_when_explore_opens(app: App, width: int, height: int, most: float):
    app.page.set_viewport_size({"width": width, "height": height})
    app.open("/explore?data=karate").healthy()
    picture = app.network("Network of layer 1").bounding_box()
    assert picture["y"] < most * height
    assert picture["y"] + 0.6 * picture["height"] < height
    if width == PHONE[0]:  # the toolbar stands next to the button of the menu, which covers it when it is open
        bar, button = (app.page.locator(place).bounding_box() for place in
                       (".st-key-toolbar", "[data-testid=stExpandSidebarButton]"))  # fmt: skip
        assert bar["x"] >= button["x"] + button["width"]
        assert abs(bar["y"] + bar["height"] / 2 - button["y"] - button["height"] / 2) < 8
        app.page.get_by_role("button", name="Copy link").click()
        app.page.get_by_test_id("stExpandSidebarButton").click()
        expect(app.page.get_by_test_id("stSidebar").get_by_role("link", name="Explore")).to_be_visible()
        app.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        expect(app.page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
