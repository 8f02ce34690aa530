// What a second reader marked, drawn over the picture and its covers; it cannot be grasped.

/** @import KonvaNamespace from "konva" */

const { Konva } = window;
const YELLOW = "#ffd400"; // with black: seen on every skin
const LINES = [
  { stroke: "#000", strokeWidth: 5 },
  { stroke: YELLOW, strokeWidth: 2.5 },
];
const SIZE = 18;

/**
 * @typedef {object} ReaderMark px of the full picture
 * @property {number} number
 * @property {boolean} isPoint
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {number} radius of the ring around a point
 */

/**
 * @param {ReaderMark} mark
 * @param {{ stroke: string, strokeWidth: number }} line
 */
function outline({ isPoint, x, y, width, height, radius }, line) {
  const look = { strokeScaleEnabled: false, ...line };
  return isPoint ? new Konva.Circle({ x, y, radius, ...look }) : new Konva.Rect({ x, y, width, height, ...look });
}

/** @param {ReaderMark} mark */
function label({ number, x, y }) {
  const look = {
    fontSize: SIZE,
    fontStyle: "bold",
    fill: YELLOW,
    stroke: "#000",
    strokeWidth: 4,
    fillAfterStrokeEnabled: true,
  };
  return new Konva.Text({ x, y, text: String(number), offsetY: SIZE, ...look });
}

export class ReaderMarks {
  /**
   * @param {KonvaNamespace.Stage} stage
   * @param {ReaderMark[]} marks
   */
  constructor(stage, marks) {
    const layer = new Konva.Layer({ listening: false });
    this.labels = marks.map(label);
    layer.add(...marks.flatMap((mark) => LINES.map((line) => outline(mark, line))), ...this.labels);
    stage.add(layer);
  }

  /**
   * Keep the size of the numbers on the screen.
   *
   * @param {number} scale px of the picture in one px of the screen
   */
  scale(scale) {
    for (const node of this.labels) node.scale({ x: scale, y: scale });
  }
}
