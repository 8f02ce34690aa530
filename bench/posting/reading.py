"""What a person sees on a page: the visible texts, and the heading under which each stands."""

from dataclasses import dataclass

DIALOG = " > "  # between the name of a page and that of a dialog over it
# On the page: returns {address, screen, texts: [[part, text], …]}. On an element that is about to be used: returns the
# part in which it stands. A part is named by the nearest heading before it; the questions of a list are one part for
# the hand and one each for the eye. A text is what one block says: the text nodes whose nearest ancestor that is not
# inline is the same element, with the placeholder of an empty field, the label of a button, the chosen option of a
# select. Left out: the site's header, footer and navigation; what is folded, hidden, or there for a screen reader
# alone; what was typed; alternative texts; the options of a closed list; the state of saving, which comes and goes.
LOOK = r"""(used) => {
  const SITE = "body > header, body > footer, body > nav, .skip-link, script, style, template, noscript, option";
  const PASSING = ".save-status";
  const PARTS = "dialog, details, fieldset, aside, section, article, .panel, form, main, body";
  const BUTTONS = ["submit", "button", "reset"];
  const tidy = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const forReadersOnly = (node) => {
    const { clipPath, clip, overflow, position } = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    const tiny = box.width <= 1 || box.height <= 1;
    return position === "absolute" && overflow !== "visible" && (tiny || clip !== "auto" || clipPath !== "none");
  };
  const hidden = new Map();
  const isHidden = (node) => {
    if (node === document.documentElement) return false;
    if (!hidden.has(node)) hidden.set(node, forReadersOnly(node) || isHidden(node.parentElement));
    return hidden.get(node);
  };
  const isSeen = (node) =>
    node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !isHidden(node);
  const blockOf = (node) => {
    let block = node;
    while (getComputedStyle(block).display === "inline" || getComputedStyle(block).display === "contents")
      block = block.parentElement;
    return block;
  };
  const BEFORE = Node.DOCUMENT_POSITION_PRECEDING | Node.DOCUMENT_POSITION_CONTAINS;
  const HEADINGS = "h1, h2, h3, h4, summary, legend";
  const headings = [...document.querySelectorAll(HEADINGS)].filter((one) => !one.closest(SITE) && isSeen(one));
  const named = (node) => tidy(node?.innerText).replace(/ ?\*.*$/, "");
  const partOf = (node, legends) => {
    const heading = headings.findLast((one) => {
      if (one.localName === "legend" && !legends) return false;
      const isBefore = node.compareDocumentPosition(one) & BEFORE;
      return one === node || (isBefore && one.closest(PARTS)?.contains(node));
    });
    return named(heading);
  };
  if (used) return partOf(used, false);
  const texts = new Map();
  const add = (node, text) => {
    if (!tidy(text) || node.closest(SITE) || node.closest(PASSING) || !isSeen(node)) return;
    const block = blockOf(node);
    texts.set(block, `${texts.get(block) ?? ""} ${text}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Text) {
      if (node.parentElement && !node.parentElement.closest("textarea, select")) add(node.parentElement, node.data);
    } else if (node instanceof HTMLSelectElement) add(node, node.selectedOptions[0]?.label);
    else if (node instanceof HTMLInputElement && BUTTONS.includes(node.type)) add(node, node.value);
    else if (node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement)
      if (!node.value) add(node, node.placeholder);
  }
  const dialog = [...document.querySelectorAll("dialog[open]")].filter(isSeen).at(-1);
  const page = tidy(document.title).split(" · ")[0];
  const over = dialog && named(headings.find((one) => dialog.contains(one)));
  return {
    address: location.pathname,
    screen: dialog ? `${page} > ${over}` : page,
    texts: [...texts].map(([block, text]) => [partOf(block, true), tidy(text)]),
  };
}"""


@dataclass(frozen=True)
class Seen:
    """What stands on the screen now: its name, the page's address, and its texts with the part each belongs to."""

    screen: str
    address: str
    texts: tuple[tuple[str, str], ...]
