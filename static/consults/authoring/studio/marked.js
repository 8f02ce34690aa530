// What a second reader marked, drawn over the picture and its covers; it cannot be grasped.

const { Konva } = window;
const YELLOW = "#ffd400"; // with black: seen on every skin
const LINES = [
  { stroke: "#000", strokeWidth: 5 },
  { stroke: YELLOW, strokeWidth: 2.5 },
];
const SIZE = 18;

function outline({ isPoint, x, y, width, height, radius }, line) {
  const look = { strokeScaleEnabled: false, ...line };
  return isPoint ? new Konva.Circle({ x, y, radius, ...look }) : new Konva.Rect({ x, y, width, height, ...look });
}

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

export class Marked {
  /** `marks`: {number, isPoint, x, y, width, height, radius}, px of the full picture. */
  constructor(stage, marks) {
    const layer = new Konva.Layer({ listening: false });
    this.labels = marks.map(label);
    layer.add(...marks.flatMap((mark) => LINES.map((line) => outline(mark, line))), ...this.labels);
    stage.add(layer);
  }

  /** Numbers keep their size on the screen. */
  scale(scale) {
    for (const node of this.labels) node.scale({ x: scale, y: scale });
  }
}
