// What lies under the finger, enlarged and beside it.
import { element, find } from "../../../core/dom.js";

/** @import Konva from "konva" */
/** @import { Position } from "./drafts.js" */

const SIDE = 128;
const ENLARGED = 2.2;

export class Loupe {
  /** @param {HTMLElement} container */
  constructor(container) {
    this.container = container;
    this.node = element("canvas", { className: "studio-loupe", hidden: true });
    this.node.setAttribute("aria-hidden", "true");
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    this.node.width = this.node.height = SIDE * ratio;
    container.append(this.node);
  }

  /**
   * Show what the layers draw around a place.
   *
   * @param {Konva.Layer[]} layers
   * @param {Position} at CSS px of the stage
   */
  show(layers, at) {
    const context = this.node.getContext("2d");
    if (!context) return;
    const { width } = this.node;
    const scale = (ENLARGED * width) / SIDE;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = getComputedStyle(this.container).backgroundColor;
    context.fillRect(0, 0, width, width);
    for (const layer of layers) {
      const canvas = layer.getCanvas();
      const ratio = canvas.getPixelRatio();
      context.setTransform(scale / ratio, 0, 0, scale / ratio, width / 2 - at.x * scale, width / 2 - at.y * scale);
      context.drawImage(layer.getNativeCanvasElement(), 0, 0);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.strokeStyle = "#fff";
    context.globalCompositeOperation = "difference";
    context.beginPath();
    for (const [x, y] of [
      [1, 0],
      [0, 1],
    ]) {
      context.moveTo(width / 2 - 10 * x, width / 2 - 10 * y);
      context.lineTo(width / 2 + 10 * x, width / 2 + 10 * y);
    }
    context.stroke();
    context.globalCompositeOperation = "source-over";
    // Never under the finger that it helps, nor under the page's header.
    const header = find(document, ".site-header").getBoundingClientRect().bottom;
    this.node.style.top = `${Math.max(8, header + 8 - this.container.getBoundingClientRect().top)}px`;
    this.node.classList.toggle("is-right", at.x < SIDE + 60 && at.y < SIDE + 80);
    this.node.hidden = false;
  }

  hide() {
    this.node.hidden = true;
  }
}
