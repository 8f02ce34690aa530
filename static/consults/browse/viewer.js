// [data-viewer]: zoom, pan, full screen, two pictures side by side. [data-viewer-picture] buttons name the pictures.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { element, find, findAll, targetOf } from "../../core/dom.js";
import { words } from "../../core/words.js";

const say = words("viewer");
const STEP = 1.5;
// Turning or mirroring a picture would change what is left and right on the patient.
const KEYS_WITHOUT_USE = new Set(["f", "F", "r", "R"]);

/** @typedef {{ resize(size: OpenSeadragon.Point): void }} Resizable what the published types leave out */

/** One picture on its grey ground. */
class Pane {
  /**
   * @param {Viewer} owner
   * @param {HTMLElement} picture the button that names the picture
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
      animationTime: isStill ? 0 : 0.35,
      springStiffness: 9,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true, pinchToZoom: true },
    });
    this.osd.addHandler("canvas-key", (event) => {
      const { key } = /** @type {KeyboardEvent} */ (event.originalEvent);
      if (KEYS_WITHOUT_USE.has(key)) event.preventDefaultAction = true;
    });
    this.osd.addHandler("canvas-scroll", (event) => {
      const { ctrlKey } = /** @type {WheelEvent} */ (event.originalEvent);
      const isMeant = ctrlKey || owner.isFull || this.node.contains(document.activeElement);
      if (isMeant) return;
      event.preventDefaultAction = true;
      event.preventDefault = false; // the page scrolls on
    });
    this.osd.addHandler("open", () => {
      this.fit(true); // the pane may have become narrower while the picture was on its way
      this.updateTouchAction();
    });
    this.osd.addHandler("zoom", () => this.updateTouchAction());
    this.osd.addHandler("open-failed", () => this.showFailure());
    this.osd.addHandler("tile-load-failed", () => this.showFailure());
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

  /** Let a finger that moves up or down scroll the page while the whole picture shows. */
  updateTouchAction() {
    this.osd.canvas.style.touchAction = this.isWhole ? "pan-y" : "none";
  }

  /** @param {HTMLElement} picture */
  show(picture) {
    this.picture = picture;
    this.failed = false;
    this.node.querySelector(".viewer-failed")?.remove();
    this.osd.canvas.setAttribute("aria-label", picture.dataset.alt ?? "");
    this.osd.open({ type: "image", url: picture.dataset.src, buildPyramid: false });
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
    const { viewport } = this.osd;
    if (!viewport) return;
    viewport.zoomBy(factor);
    viewport.applyConstraints();
    announce(say("zoomed", { percent: Math.round((100 * viewport.getZoom(false)) / viewport.getHomeZoom()) }));
  }

  home() {
    this.osd.viewport?.goHome();
  }

  destroy() {
    this.resizing.disconnect();
    this.osd.destroy();
    this.node.remove();
  }
}

/** The pictures of a case: one at a time, or two side by side. */
class Viewer {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.frames = find(root, "[data-viewer-frames]");
    this.label = find(root, "[data-viewer-label]");
    this.pictures = findAll(root, "[data-viewer-picture]");
    /** @type {Pane[]} */
    this.panes = [];
    this.active = this.addPane(this.pictures[0]);
    for (const picture of this.pictures) picture.addEventListener("click", () => this.show(picture));
    root.addEventListener("click", (event) => {
      const button = targetOf(event)?.closest("[data-do]");
      if (button instanceof HTMLElement) this.act(button.dataset.do ?? "");
    });
    document.addEventListener("fullscreenchange", () => !document.fullscreenElement && this.setFull(false));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.isFull) this.leaveFull();
    });
    this.markShown();
  }

  get isFull() {
    return this.root.classList.contains("is-full");
  }

  /** @param {HTMLElement} picture */
  addPane(picture) {
    const pane = new Pane(this, picture);
    this.panes.push(pane);
    return pane;
  }

  /** @param {Pane} pane */
  activate(pane) {
    if (this.active === pane) return;
    this.active = pane;
    this.markShown();
  }

  /** @param {HTMLElement} picture */
  show(picture) {
    this.active.show(picture);
    this.markShown();
    const number = this.pictures.indexOf(picture) + 1;
    announce(say("shown", { label: picture.dataset.label, number, count: this.pictures.length }));
  }

  /** Mark the buttons of the pictures that are shown, and name them under the frames. */
  markShown() {
    const shown = this.panes.map((pane) => pane.picture);
    for (const picture of this.pictures) {
      picture.classList.toggle("is-shown", shown.includes(picture));
      if (picture === this.active.picture) picture.setAttribute("aria-current", "true");
      else picture.removeAttribute("aria-current");
    }
    for (const pane of this.panes)
      pane.node.classList.toggle("is-active", this.panes.length > 1 && pane === this.active);
    this.label.textContent = shown.map((picture) => picture.dataset.label).join(" | ");
  }

  /** @param {string} name */
  act(name) {
    /** @type {Record<string, () => void>} */
    const actions = {
      "zoom-in": () => this.active.zoom(STEP),
      "zoom-out": () => this.active.zoom(1 / STEP),
      home: () => {
        for (const pane of this.panes) pane.home();
      },
      side: () => this.toggleSide(),
      full: () => (this.isFull ? this.leaveFull() : this.enterFull()),
    };
    actions[name]?.();
  }

  /**
   * @param {string} name
   * @param {boolean} isPressed
   */
  setPressed(name, isPressed) {
    this.root.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", String(isPressed));
  }

  toggleSide() {
    if (this.panes.length === 1) {
      const at = this.pictures.indexOf(this.active.picture);
      this.active = this.addPane(this.pictures[(at + 1) % this.pictures.length]);
    } else {
      this.panes.pop()?.destroy();
      [this.active] = this.panes;
    }
    const isSide = this.panes.length > 1;
    this.frames.classList.toggle("is-side", isSide);
    this.setPressed("side", isSide);
    this.fit();
    this.frames.scrollIntoView({ block: "center" });
    announce(say(isSide ? "side_on" : "side_off"));
    this.markShown();
  }

  /** Show every picture whole in the size that its pane has now. */
  fit() {
    for (const pane of this.panes) pane.fit(true);
  }

  /** @param {boolean} isFull */
  setFull(isFull) {
    this.root.classList.toggle("is-full", isFull);
    document.documentElement.classList.toggle("has-full-viewer", isFull);
    this.setPressed("full", isFull);
    this.fit();
  }

  enterFull() {
    this.setFull(true);
    // Phones that cannot make an element full screen still get the whole window.
    this.root.requestFullscreen?.().catch(() => {});
  }

  leaveFull() {
    this.setFull(false);
    if (document.fullscreenElement) document.exitFullscreen();
  }
}

attach("[data-viewer]", (root) => {
  if (root.querySelector("[data-viewer-picture]")) new Viewer(root);
});
