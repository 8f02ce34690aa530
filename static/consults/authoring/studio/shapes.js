// Geometry of masks: px of the full-size picture, the box before it is turned about its centre.

const MOST_POINTS = 400; // of one stroke, as the server takes it

/** The box around a stroke. */
export function hull(points, thickness) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const half = thickness / 2;
  const x = Math.min(...xs) - half;
  const y = Math.min(...ys) - half;
  return { x, y, width: Math.max(...xs) + half - x, height: Math.max(...ys) + half - y };
}

/** A stroke with a new box or turned: its points move, so that it needs no angle. */
export function reshaped(mask, patch) {
  const next = { ...mask, ...patch };
  if (mask.shape !== "brush") return next;
  const cx = mask.x + mask.width / 2;
  const cy = mask.y + mask.height / 2;
  // The line is as wide as before, so the box without it is what grows.
  const room = (size) => Math.max(1e-6, size - mask.thickness);
  const grown = (size, was) => (was - mask.thickness < 1e-6 ? 1 : Math.max(0, size - mask.thickness) / room(was));
  const scaleX = grown(next.width, mask.width);
  const scaleY = grown(next.height, mask.height);
  const turn = (next.angle * Math.PI) / 180;
  const toX = next.x + next.width / 2;
  const toY = next.y + next.height / 2;
  const points = mask.points.map(([x, y]) => {
    const right = (x - cx) * scaleX;
    const down = (y - cy) * scaleY;
    return [toX + right * Math.cos(turn) - down * Math.sin(turn), toY + right * Math.sin(turn) + down * Math.cos(turn)];
  });
  return { ...next, angle: 0, points, ...hull(points, next.thickness) };
}

/** Fewer points, none farther than `tolerance` px from the line that is left (Ramer, Douglas, Peucker). */
export function simplified(points, tolerance) {
  const keep = new Set([0, points.length - 1]);
  const spans = [[0, points.length - 1]];
  while (spans.length) {
    const [from, to] = spans.pop();
    let worst = tolerance;
    let at = -1;
    for (let index = from + 1; index < to; index += 1) {
      const away = distance(points[index], points[from], points[to]);
      if (away > worst) [worst, at] = [away, index];
    }
    if (at < 0) continue;
    keep.add(at);
    spans.push([from, at], [at, to]);
  }
  const left = points.filter((_, index) => keep.has(index));
  return left.length > MOST_POINTS ? simplified(points, 2 * tolerance) : left;
}

function distance([x, y], [x0, y0], [x1, y1]) {
  const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const along = length ? Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length)) : 0;
  return Math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0));
}

/** Whether a point lies in a mask; a stroke's whole box counts. */
export function holds(mask, x, y) {
  const turn = (-mask.angle * Math.PI) / 180;
  const right = x - mask.x - mask.width / 2;
  const down = y - mask.y - mask.height / 2;
  const along = Math.abs(right * Math.cos(turn) - down * Math.sin(turn)) / (mask.width / 2);
  const across = Math.abs(right * Math.sin(turn) + down * Math.cos(turn)) / (mask.height / 2);
  return mask.shape === "ellipse" ? along ** 2 + across ** 2 <= 1 : along <= 1 && across <= 1;
}

/** The nearest crop in whole px that the server takes; null when it leaves the whole picture. */
export function fittedCrop(box, { width, height }) {
  const long = Math.min(800, Math.max(width, height));
  const short = Math.min(600, Math.min(width, height));
  let w = Math.min(width, Math.max(short, Math.round(box.width)));
  let h = Math.min(height, Math.max(short, Math.round(box.height)));
  if (Math.max(w, h) < long) {
    if ((w >= h && width >= long) || height < long) w = long;
    else h = long;
  }
  const x = Math.min(width - w, Math.max(0, Math.round(box.x)));
  const y = Math.min(height - h, Math.max(0, Math.round(box.y)));
  return w === width && h === height ? null : { x, y, width: w, height: h };
}

/** Whether anything of a picture of this size may be cut off. */
export function mayCrop({ width, height }) {
  return Math.max(width, height) > 800 || Math.min(width, height) > 600;
}
