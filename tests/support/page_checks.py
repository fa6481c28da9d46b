"""What every page for people has to fulfil, asked of the browser that shows it (WCAG 2.2 AA)."""

import json
import re

NARROW = 320  # CSS pixels; 1280 at 400 % zoom (1.4.10)
CONTRAST_MIN = 4.5  # of text and its background (1.4.3)
TARGET_MIN = 24  # pixels of a thing to click (2.5.8)

_FACTS = """
(() => {
  const shown = (e) => e.getClientRects().length > 0;
  const colour = (e) => {
    for (; e; e = e.parentElement) {
      const found = getComputedStyle(e).backgroundColor;
      if (found !== 'rgba(0, 0, 0, 0)') return found;
    }
    return 'rgb(255, 255, 255)';
  };
  const texts = [...document.querySelectorAll('body *')].filter((e) => shown(e) &&
      [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
  return JSON.stringify({
    lang: document.documentElement.lang,
    title: document.title,
    headings: [...document.querySelectorAll('h1,h2,h3')].map((e) => e.tagName),
    mains: document.querySelectorAll('main').length,
    ids: [...document.querySelectorAll('[id]')].map((e) => e.id),
    described: [...document.querySelectorAll('[aria-describedby]')]
        .flatMap((e) => e.getAttribute('aria-describedby').split(' ')),
    unlabelled: [...document.querySelectorAll('input:not([type=hidden])')]
        .filter((e) => e.labels.length === 0).map((e) => e.outerHTML),
    unnamed: [...document.querySelectorAll('a,button')]
        .filter((e) => !e.textContent.trim()).map((e) => e.outerHTML),
    small: [...document.querySelectorAll('button,input:not([type=hidden])')].filter(shown)
        .map((e) => e.getBoundingClientRect()).filter((r) => r.height < TARGET || r.width < TARGET)
        .length,
    texts: texts.map((e) => [e.tagName, getComputedStyle(e).color, colour(e)]),
    wide: document.documentElement.scrollWidth,
    scripts: document.scripts.length,
    outside: performance.getEntriesByType('resource').map((e) => e.name),
  });
})()
"""


def _luminance(colour):
    parts = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _facts(browser):
    return json.loads(browser.ask_page(_FACTS.replace("TARGET", str(TARGET_MIN))))


def check(browser, language, title, axe=None):
    """Raises AssertionError with what is wrong. `axe` knows more rules, where it can be had."""
    facts = _facts(browser)
    assert facts["lang"] == language, facts["lang"]
    assert title in facts["title"]
    assert facts["headings"].count("H1") == 1 and facts["headings"][0] == "H1", facts["headings"]
    assert facts["mains"] == 1
    assert len(set(facts["ids"])) == len(facts["ids"]), facts["ids"]
    assert set(facts["described"]) <= set(facts["ids"]), facts["described"]
    assert not facts["unlabelled"] and not facts["unnamed"], facts
    assert facts["small"] == 0, "a button is too small"
    assert facts["scripts"] == 0
    ours = browser.address.split("/")[2]
    assert all(each.split("/")[2] == ours for each in facts["outside"]), facts["outside"]
    for dark in (False, True):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        browser.devtools("Emulation.setEmulatedMedia", {"features": [scheme]})
        for tag, ink, paper in _facts(browser)["texts"]:
            ratio = contrast(ink, paper)
            assert ratio >= CONTRAST_MIN, f"{tag}: {ink} on {paper} is {ratio:.2f}, dark={dark}"
        found = axe.violations(browser) if axe else []
        assert not found, f"dark={dark}: {found}"
    browser.devtools("Emulation.setEmulatedMedia", {"features": []})
    browser.set_width(NARROW)
    assert _facts(browser)["wide"] <= NARROW, "it scrolls sideways at 320 pixels"
    browser.set_width(browser.size[0])
