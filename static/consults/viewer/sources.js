// What the viewer shows is fetched once a page, however often it is shown: each fetch is a view in the access log.

const MOST_PIXELS = 16_000_000;

/** @type {Map<string, Promise<HTMLImageElement>>} */
const fetched = new Map();

/**
 * @param {string} url
 * @returns {Promise<HTMLImageElement>}
 */
function fetchOnce(url) {
  const known = fetched.get(url);
  if (known) return known;
  const loading = new Promise((/** @type {(image: HTMLImageElement) => void} */ resolve, reject) => {
    const image = new Image();
    image.addEventListener("load", () => resolve(image));
    image.addEventListener("error", () => {
      fetched.delete(url); // another attempt may succeed
      reject(new Error("picture"));
    });
    image.src = url;
  });
  fetched.set(url, loading);
  return loading;
}

/**
 * What a picture's button says of it.
 *
 * @typedef {object} Picture
 * @property {HTMLElement} button
 * @property {string} label
 * @property {string} alt
 * @property {string} type clinical, dermoscopy, histology
 * @property {string} rendition
 * @property {number} width px of the display rendition
 * @property {number} height
 * @property {number} fullWidth
 * @property {number | null} micrometres that its width shows
 * @property {boolean} isAbout whether that is a rough figure
 */

/**
 * @param {HTMLElement} button
 * @returns {Picture}
 */
export function readPicture(button) {
  const { label = "", alt = "", type = "", rendition = "", width, height, fullWidth, micrometres } = button.dataset;
  return {
    button,
    label,
    alt,
    type,
    rendition,
    width: Number(width),
    height: Number(height),
    fullWidth: Number(fullWidth) || Number(width),
    micrometres: micrometres ? Number(micrometres) : null,
    isAbout: "about" in button.dataset,
  };
}

/**
 * Return what a canvas can hold of a picture: phones draw nothing on a larger one.
 *
 * @param {HTMLImageElement} image
 * @returns {HTMLImageElement | HTMLCanvasElement}
 */
function drawable(image) {
  const { naturalWidth, naturalHeight } = image;
  const factor = Math.sqrt(MOST_PIXELS / (naturalWidth * naturalHeight));
  if (factor >= 1) return image;
  const canvas = document.createElement("canvas");
  canvas.width = Math.floor(naturalWidth * factor);
  canvas.height = Math.floor(naturalHeight * factor);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** @typedef {{ src: string, finish(image: HTMLImageElement | HTMLCanvasElement | null, request: null, error?: string): void }} Download */

/**
 * Return the picture for OpenSeadragon: at display size, and at full size as soon as somebody zooms in so far.
 *
 * @param {Picture} picture
 */
export function sourceOf({ button, width, height, fullWidth }) {
  const { src = "", full = "", fullHeight } = button.dataset;
  const levels = [{ url: src, width, height }];
  if (fullWidth > width) levels.push({ url: full, width: fullWidth, height: Number(fullHeight) });
  const { LegacyTileSource } = /** @type {any} */ (window.OpenSeadragon);
  const source = new LegacyTileSource(levels);
  source.downloadTileStart = (/** @type {Download} */ download) => {
    fetchOnce(download.src).then(
      (image) => download.finish(drawable(image), null),
      () => download.finish(null, null, "not loaded"),
    );
  };
  source.downloadTileAbort = () => {};
  return source;
}
