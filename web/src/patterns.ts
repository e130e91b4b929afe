/** Small images the style names and the page draws: the bar of a fraction label, and hatchings as on printed maps. */
import type { StyleImageMetadata } from "maplibre-gl";

interface Pattern {
  data: ImageData;
  options: Partial<StyleImageMetadata>;
}

const RATIO = 2; // drawn for two pixels a point; sharp on phones, small on all

function canvas(widthPx: number, heightPx: number): CanvasRenderingContext2D {
  const element = document.createElement("canvas");
  element.width = widthPx * RATIO;
  element.height = heightPx * RATIO;
  const context = element.getContext("2d")!;
  context.scale(RATIO, RATIO);
  context.lineCap = "round";
  return context;
}

function finish(context: CanvasRenderingContext2D, options: Partial<StyleImageMetadata> = {}): Pattern {
  const { width, height } = context.canvas;
  return { data: context.getImageData(0, 0, width, height), options: { pixelRatio: RATIO, ...options } };
}

/** The bar between number and area; stretched to the width of the text. */
function bar(colour: string): Pattern {
  const context = canvas(8, 3);
  context.fillStyle = colour;
  context.fillRect(0, 1, 8, 1);
  return finish(context, { stretchX: [[2, 14]], content: [0, 0, 16, 6] });
}

/** Rows of short waves: open water. */
function waves(): Pattern {
  const context = canvas(36, 24);
  context.strokeStyle = "rgba(58, 116, 143, 0.34)";
  context.lineWidth = 0.8;
  for (const [x, y] of [[4, 6], [22, 18]] as const) {
    context.beginPath();
    context.moveTo(x, y);
    context.bezierCurveTo(x + 2, y - 2, x + 4, y - 2, x + 5.5, y);
    context.bezierCurveTo(x + 7, y + 2, x + 9, y + 2, x + 11, y);
    context.stroke();
  }
  return finish(context);
}

/** Tufts of three blades: paddy fields. */
function paddy(): Pattern {
  const context = canvas(32, 28);
  context.strokeStyle = "rgba(104, 116, 48, 0.38)";
  context.lineWidth = 0.8;
  for (const [x, y] of [[8, 11], [24, 25]] as const) {
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x, y - 5);
    context.moveTo(x, y);
    context.lineTo(x - 2.6, y - 4);
    context.moveTo(x, y);
    context.lineTo(x + 2.6, y - 4);
    context.stroke();
  }
  return finish(context);
}

/** Small open circles: trees. */
function trees(): Pattern {
  const context = canvas(30, 30);
  context.strokeStyle = "rgba(74, 112, 62, 0.34)";
  context.lineWidth = 0.8;
  for (const [x, y] of [[8, 8], [23, 23]] as const) {
    context.beginPath();
    context.arc(x, y, 2.3, 0, 2 * Math.PI);
    context.stroke();
  }
  return finish(context);
}

/** Small crosses: burial grounds. */
function crosses(): Pattern {
  const context = canvas(26, 26);
  context.strokeStyle = "rgba(90, 84, 74, 0.36)";
  context.lineWidth = 0.8;
  for (const [x, y] of [[7, 7], [20, 20]] as const) {
    context.beginPath();
    context.moveTo(x - 2.4, y);
    context.lineTo(x + 2.4, y);
    context.moveTo(x, y - 2.4);
    context.lineTo(x, y + 2.4);
    context.stroke();
  }
  return finish(context);
}

/** The image of that name, or null for a name that is not ours. */
export function drawPattern(name: string): Pattern | null {
  switch (name) {
    case "fraction-bar":
      return bar("#3a342b");
    case "waves":
      return waves();
    case "paddy":
      return paddy();
    case "trees":
      return trees();
    case "crosses":
      return crosses();
    default:
      return null;
  }
}
