"""axe-core on a page: its own rules, run past the page's content policy."""

import json
from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, *, theme: str = "") -> list[str]:
    """What breaks WCAG 2.2 AA or good practice on this page, as "rule: where".

    The policy forbids eval, the debugger does not ask. Nothing is preloaded: axe would put style sheets into the page,
    which the policy forbids too. A theme ("light", "dark") stays on the page.
    """
    page.emulate_media(reduced_motion="reduce")  # colours are measured as they stay, not in mid-change
    if theme:
        page.locator("html").evaluate("(root, theme) => { root.dataset.bsTheme = theme; }", theme)
    # The whole page at once: a bar at the window's foot would cover whatever happens to be scrolled under it.
    window, whole = page.viewport_size, page.locator("html").bounding_box()
    assert window is not None
    assert whole is not None
    page.set_viewport_size({"width": window["width"], "height": max(window["height"], int(whole["height"]) + 100)})
    debugger = page.context.new_cdp_session(page)
    asked = f"""(async () => {{
      const found = await axe.run(document, {{ runOnly: {json.dumps(TAGS)}, preload: false }});
      return found.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target.join(" ")));
    }})()"""
    debugger.send("Runtime.evaluate", {"expression": SOURCE.read_text()})
    answer = debugger.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True})
    debugger.detach()
    page.set_viewport_size(window)
    found: list[str] = answer["result"]["value"]
    return found
