// One picture on its grey ground: zoom, pan, a scale bar, the viewer mark, and a layer for pins.
import { announce } from "../../core/announce.js";
import { element } from "../../core/dom.js";
import { words } from "../../core/words.js";
import { markOver } from "./mark.js";
import { barOf, lengthOf } from "./scale.js";
import { sourceOf } from "./sources.js";

/** @import { View } from "./linking.js" */
/** @import { Point } from "./places.js" */
/** @import { Picture } from "./sources.js" */
/** @typedef {{ resize(size: OpenSeadragon.Point): void }} Resizable what the published types leave out */

/**
 * What a pane tells of itself.
 *
 * @typedef {object} Owner
 * @property {HTMLElement} frames
 * @property {boolean} isFull
 * @property {(pane: Pane) => void} activate
 * @property {(pane: Pane) => void} opened
 * @property {(pane: Pane) => void} moved
 * @property {(pane: Pane) => void} drawn
 */

const say = words("viewer");
const LONGEST_BAR = 0.3; // of the pane's width
const NARROWEST_BAR = 60; // px
const SHARP_FROM = 0.9; // px of the screen for one of the picture, from where the full size is fetched

export class Pane {
  /**
   * @param {Owner} owner
   * @param {Picture} picture
   */
  constructor(owner, picture) {
    this.owner = owner;
    this.picture = picture;
    this.failed = false;
    this.node = element("div", { className: "viewer-pane" });
    owner.frames.append(this.node);
    const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.osd = window.OpenSeadragon({
      element: this.node,
      drawer: "canvas",
      showNavigationControl: false,
      showNavigator: false,
      autoResize: false, // it keeps a share of the diagonal in view, which crops; see `fit`
      visibilityRatio: 1,
      constrainDuringPan: true,
      minZoomImageRatio: 1,
      maxZoomPixelRatio: 6,
      minPixelRatio: SHARP_FROM / Math.max(1, window.devicePixelRatio),
      animationTime: isStill ? 0 : 0.35,
      springStiffness: 9,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true, pinchToZoom: true },
    });
    this.scale = element("p", { className: "viewer-scale", hidden: true });
    this.node.append(markOver(), this.scale);
    this.osd.addHandler("canvas-scroll", (event) => {
      const { ctrlKey } = /** @type {WheelEvent} */ (event.originalEvent);
      const isMeant = ctrlKey || owner.isFull || this.node.contains(document.activeElement);
      if (isMeant) return;
      event.preventDefaultAction = true;
      event.preventDefault = false; // the page scrolls on
    });
    this.osd.addHandler("open", () => {
      owner.opened(this);
      this.updateTouchAction();
    });
    this.osd.addHandler("zoom", () => {
      this.updateTouchAction();
      owner.moved(this);
    });
    this.osd.addHandler("pan", () => owner.moved(this));
    this.osd.addHandler("update-viewport", () => this.drawn());
    this.osd.addHandler("open-failed", () => this.showFailure());
    this.osd.addHandler("tile-load-failed", (event) => {
      const { level } = /** @type {{ level: number }} */ (/** @type {unknown} */ (event.tile));
      if (level === 0) this.showFailure(); // without the full size, the display size stays
    });
    this.node.addEventListener("focusin", () => owner.activate(this));
    this.node.addEventListener("pointerdown", () => owner.activate(this));
    this.osd.canvas.setAttribute("role", "img");
    this.resizing = new ResizeObserver(() => this.fit(this.isWhole));
    this.resizing.observe(this.node);
    this.show(picture);
  }

  /**
   * Take over the size that the pane has now.
   *
   * @param {boolean} isWhole show the whole picture then; otherwise the part that was in view stays
   */
  fit(isWhole) {
    const { viewport } = this.osd;
    const { clientWidth, clientHeight } = this.node;
    if (!viewport || !clientWidth || !clientHeight) return;
    const resizable = /** @type {Resizable} */ (/** @type {unknown} */ (viewport));
    resizable.resize(new window.OpenSeadragon.Point(clientWidth, clientHeight));
    if (isWhole) viewport.goHome(true);
    else viewport.applyConstraints(true);
    // Where the middle and the zoom are as before, it would not see that the pane is higher or lower now.
    this.osd.world.update(true);
    this.osd.forceRedraw();
  }

  get isWhole() {
    const { viewport } = this.osd;
    return !viewport || viewport.getZoom(false) <= viewport.getHomeZoom() * 1.01;
  }

  get isOpen() {
    return this.osd.isOpen();
  }

  /** Height by width of the picture. */
  get shape() {
    return this.picture.height / this.picture.width;
  }

  /** @returns {View} */
  get view() {
    const { viewport } = this.osd;
    const { x, y } = viewport.getCenter(false);
    return { zoom: viewport.getZoom(false) / viewport.getHomeZoom(), x, y: y / this.shape };
  }

  /** @param {View} view */
  setView({ zoom, x, y }) {
    const { viewport } = this.osd;
    viewport.zoomTo(zoom * viewport.getHomeZoom());
    viewport.panTo(new window.OpenSeadragon.Point(x, y * this.shape));
    viewport.applyConstraints();
  }

  /**
   * Return where a place of the picture is in this pane, px.
   *
   * @param {Point} place
   * @returns {Point}
   */
  toPane({ x, y }) {
    const { viewport } = this.osd;
    return viewport.viewportToViewerElementCoordinates(new window.OpenSeadragon.Point(x, y * this.shape));
  }

  /**
   * Return the place of the picture under a point of the window.
   *
   * @param {number} clientX
   * @param {number} clientY
   * @returns {Point}
   */
  toPicture(clientX, clientY) {
    const box = this.node.getBoundingClientRect();
    const at = new window.OpenSeadragon.Point(clientX - box.left, clientY - box.top);
    const { x, y } = this.osd.viewport.viewerElementToViewportCoordinates(at);
    return { x, y: y / this.shape };
  }

  /** @param {Point} place */
  bringIntoView(place) {
    const { x, y } = this.toPane(place);
    const { clientWidth, clientHeight } = this.node;
    if (x >= 0 && y >= 0 && x <= clientWidth && y <= clientHeight) return;
    this.osd.viewport.panTo(new window.OpenSeadragon.Point(place.x, place.y * this.shape));
    this.osd.viewport.applyConstraints();
  }

  /** Let a finger that moves up or down scroll the page while the whole picture shows. */
  updateTouchAction() {
    this.osd.canvas.style.touchAction = this.isWhole && !this.owner.isFull ? "pan-y" : "none";
  }

  /** @param {Picture} picture */
  show(picture) {
    this.picture = picture;
    this.failed = false;
    this.node.querySelector(".viewer-failed")?.remove();
    this.osd.canvas.setAttribute("aria-label", picture.alt);
    this.osd.open({ tileSource: sourceOf(picture) });
  }

  showFailure() {
    if (this.failed) return;
    this.failed = true;
    const note = element("p", { className: "viewer-failed", textContent: say("failed") });
    note.setAttribute("role", "alert");
    this.node.append(note);
  }

  /** @param {number} factor */
  zoom(factor) {
    if (!this.isOpen) return;
    const { viewport } = this.osd;
    viewport.zoomBy(factor);
    viewport.applyConstraints();
    this.announceZoom();
  }

  /** Show one pixel of the file as one of the screen's. */
  actual() {
    if (!this.isOpen) return;
    const { viewport } = this.osd;
    viewport.zoomTo(this.picture.fullWidth / this.node.clientWidth);
    viewport.applyConstraints();
    this.announceZoom();
  }

  announceZoom() {
    announce(say("zoomed", { percent: Math.round(100 * this.view.zoom) }));
  }

  home() {
    this.osd.viewport?.goHome();
  }

  drawn() {
    if (!this.isOpen) return;
    this.showScale();
    this.owner.drawn(this);
  }

  showScale() {
    const { micrometres, isAbout } = this.picture;
    const width = this.toPane({ x: 1, y: 0 }).x - this.toPane({ x: 0, y: 0 }).x; // of the whole picture, px of the screen
    const most = Math.max(NARROWEST_BAR, LONGEST_BAR * this.node.clientWidth);
    const bar = micrometres ? barOf(micrometres / width, most) : null;
    this.scale.hidden = !bar;
    if (!bar) return;
    const length = lengthOf(bar.um);
    const text = isAbout ? say("scale_about", { length }) : length;
    if (this.scale.textContent !== text) this.scale.textContent = text;
    this.scale.title = isAbout ? say("scale_why") : "";
    this.scale.style.width = `${bar.px}px`;
  }

  destroy() {
    this.resizing.disconnect();
    this.osd.destroy();
    this.node.remove();
  }
}
