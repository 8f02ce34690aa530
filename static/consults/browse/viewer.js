// [data-viewer]: zoom, pan, full screen, two pictures side by side. [data-viewer-picture] buttons name the pictures.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { words } from "../../core/words.js";

const say = words("viewer");
const STEP = 1.5;
// Turning or mirroring a picture would change what is left and right on the patient.
const KEYS_WITHOUT_USE = new Set(["f", "F", "r", "R"]);

/** One picture on its grey ground. */
class Pane {
  constructor(owner) {
    this.owner = owner;
    this.node = document.createElement("div");
    this.node.className = "viewer-pane";
    owner.frames.append(this.node);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.osd = window.OpenSeadragon({
      element: this.node,
      drawer: "canvas",
      showNavigationControl: false,
      showNavigator: false,
      visibilityRatio: 1,
      constrainDuringPan: true,
      minZoomImageRatio: 1,
      maxZoomPixelRatio: 6,
      animationTime: still ? 0 : 0.35,
      springStiffness: 9,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true, pinchToZoom: true },
    });
    this.osd.addHandler("canvas-key", (event) => {
      if (KEYS_WITHOUT_USE.has(event.originalEvent.key)) event.preventDefaultAction = true;
    });
    this.osd.addHandler("canvas-scroll", (event) => {
      const wanted = event.originalEvent.ctrlKey || owner.isFull || this.node.contains(document.activeElement);
      if (wanted) return;
      event.preventDefaultAction = true;
      event.preventDefault = false; // the page scrolls on
    });
    this.osd.addHandler("open", () => this.settle());
    this.osd.addHandler("zoom", () => this.settle());
    this.osd.addHandler("open-failed", () => this.fail());
    this.osd.addHandler("tile-load-failed", () => this.fail());
    this.node.addEventListener("focusin", () => owner.activate(this));
    this.node.addEventListener("pointerdown", () => owner.activate(this));
    this.osd.canvas.setAttribute("role", "img");
  }

  get atHome() {
    const { viewport } = this.osd;
    return !viewport || viewport.getZoom(false) <= viewport.getHomeZoom() * 1.01;
  }

  /** While the whole picture shows, a finger moving up or down scrolls the page. */
  settle() {
    this.osd.canvas.style.touchAction = this.atHome ? "pan-y" : "none";
  }

  show(picture) {
    this.picture = picture;
    this.failed = false;
    this.node.querySelector(".viewer-failed")?.remove();
    this.osd.canvas.setAttribute("aria-label", picture.dataset.alt);
    this.osd.open({ type: "image", url: picture.dataset.src, buildPyramid: false });
  }

  fail() {
    if (this.failed) return;
    this.failed = true;
    const note = Object.assign(document.createElement("p"), { className: "viewer-failed", textContent: say("failed") });
    note.setAttribute("role", "alert");
    this.node.append(note);
  }

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
    this.osd.destroy();
    this.node.remove();
  }
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.frames = root.querySelector("[data-viewer-frames]");
    this.label = root.querySelector("[data-viewer-label]");
    this.pictures = [...root.querySelectorAll("[data-viewer-picture]")];
    if (!this.pictures.length) return;
    this.panes = [];
    this.active = this.addPane(this.pictures[0]);
    this.pictures.forEach((picture) => picture.addEventListener("click", () => this.show(picture)));
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this.act(button.dataset.do);
    });
    document.addEventListener("fullscreenchange", () => !document.fullscreenElement && this.setFull(false));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.isFull) this.leaveFull();
    });
    this.mark();
  }

  get isFull() {
    return this.root.classList.contains("is-full");
  }

  addPane(picture) {
    const pane = new Pane(this);
    this.panes.push(pane);
    pane.show(picture);
    return pane;
  }

  activate(pane) {
    if (this.active === pane) return;
    this.active = pane;
    this.mark();
  }

  show(picture) {
    this.active.show(picture);
    this.mark();
    const number = this.pictures.indexOf(picture) + 1;
    announce(say("shown", { label: picture.dataset.label, number, count: this.pictures.length }));
  }

  mark() {
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

  act(name) {
    const actions = {
      "zoom-in": () => this.active.zoom(STEP),
      "zoom-out": () => this.active.zoom(1 / STEP),
      home: () => this.panes.forEach((pane) => pane.home()),
      side: () => this.toggleSide(),
      full: () => (this.isFull ? this.leaveFull() : this.enterFull()),
    };
    actions[name]?.();
  }

  press(name, on) {
    this.root.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", String(on));
  }

  toggleSide() {
    if (this.panes.length === 1) {
      const at = this.pictures.indexOf(this.active.picture);
      this.active = this.addPane(this.pictures[(at + 1) % this.pictures.length]);
    } else {
      this.panes.pop().destroy();
      [this.active] = this.panes;
    }
    const side = this.panes.length > 1;
    this.frames.classList.toggle("is-side", side);
    this.press("side", side);
    announce(say(side ? "side_on" : "side_off"));
    this.mark();
  }

  setFull(on) {
    this.root.classList.toggle("is-full", on);
    document.documentElement.classList.toggle("has-full-viewer", on);
    this.press("full", on);
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

attach("[data-viewer]", (root) => new Viewer(root));
