// The viewer mark on a page: the number of whoever looks and the minute, which goes on while the page is open.
import { findAll } from "../../core/dom.js";

const SVG = "http://www.w3.org/2000/svg";
const MINUTE_MS = 60_000;

/**
 * The minute of a page that was made at `made` and has been open for so long, both as the server writes them.
 *
 * @param {string} made "2026-11-29 20:14", UTC
 * @param {number} openMs
 */
export function minuteAfter(made, openMs) {
  const start = Date.parse(`${made.replace(" ", "T")}:00Z`);
  return new Date(start + openMs).toISOString().slice(0, 16).replace("T", " ");
}

/** Return a mark to lay over a picture. */
export function markOver() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "viewer-mark");
  svg.setAttribute("aria-hidden", "true");
  const ground = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: "url(#viewer-mark)" })) {
    ground.setAttribute(name, value);
  }
  svg.append(ground);
  return svg;
}

/** Write the minute that it is now, by the server's clock, into the page's mark. */
function goOn() {
  for (const pattern of findAll(document, "[data-viewer-mark]", SVGElement)) {
    const { number, minute } = pattern.dataset;
    if (!number || !minute) continue;
    const text = `${number} ${minuteAfter(minute, performance.now())} UTC`;
    for (const line of pattern.querySelectorAll("[data-viewer-mark-text]")) line.textContent = text;
  }
}

if (typeof document !== "undefined") setInterval(goOn, MINUTE_MS / 4);
