"""What tests ask of a browser: what left the page, what the policy stopped, how wide it is, which colours meet."""

import json
from pathlib import Path
from typing import Any

# As root, and with everything turned off by which the browser itself would ask for something.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip
_WATCH = "window.violations = []; document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI));"
_CONTRAST = """
const channel = (value) => { const part = value / 255; return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
const parts = (color) => color.match(/[0-9.]+/g).map(Number);
const luminance = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
const ratio = (one, other) => { const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05); };
const behind = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const found = parts(getComputedStyle(each).backgroundColor);
    if (found.length === 3 || found[3] > 0) return found;
  }
  return [255, 255, 255];
};
const found = [];
for (const element of document.body.querySelectorAll("*")) {
  const texts = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!texts || ["SCRIPT", "OPTION", "title", "desc"].includes(element.tagName) || !element.getClientRects().length) continue;
  const style = getComputedStyle(element);
  const box = element.closest("g.box");
  const ink = parts(box ? style.fill : style.color);
  const paper = box ? parts(getComputedStyle(box.querySelector("rect")).fill) : behind(element);
  found.push([ratio(ink, paper), element.tagName + "." + element.className + ": " + element.textContent.trim().slice(0, 40)]);
}
return found;
"""


class Browser:
    """A browser in which a page is looked at."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def opened(self, page: Path) -> None:
        """Open a page from its file, and forget what was told of those before."""
        watching = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})["identifier"]
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(page.as_uri())
        self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": watching})

    def sized(self, width: int) -> None:
        """Set the width of the window; a narrow one is a phone's."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 600})

    def lit(self, scheme: str) -> None:
        """Set whether the reader wants light or dark."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def asks(self, script: str, *arguments: Any) -> Any:
        """Return what a script in the page returns."""
        return self.driver.execute_script(script, *arguments)

    def requested(self) -> list[str]:
        """Return every address that was asked for since the page was opened."""
        messages = [json.loads(each["message"])["message"] for each in self.driver.get_log("performance")]
        return [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]

    def stopped(self) -> list[str]:
        """Return what the page's own policy stopped, and what the browser complained of."""
        return [*self.asks("return window.violations"), *(each["message"] for each in self.driver.get_log("browser"))]

    def contrasts(self) -> list[tuple[float, str]]:
        """Return the WCAG contrast of every text that is seen with what is behind it, the weakest first."""
        return sorted((float(ratio), str(where)) for ratio, where in self.asks(_CONTRAST))
