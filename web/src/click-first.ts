/** What a click asks for is drawn before the map is: MapLibre draws a whole frame after every click, though nothing changed. */
import type { Map as MapLibre } from "maplibre-gl";

const LONGEST_MS = 120;
const STILL_PX = 3;

/** Puts frames of a map off after a click until `go` is called, at most 120 ms; who drags, turns a wheel or types waits for nothing. */
export class ClickFirst {
  private timer: number | undefined;
  private asked = false;
  private readonly draw: () => void;

  constructor(map: MapLibre) {
    this.draw = map.triggerRepaint.bind(map);
    map.triggerRepaint = () => {
      if (this.timer === undefined) this.draw();
      else this.asked = true;
    };
    let down: MouseEvent | null = null;
    const box = map.getContainer();
    box.addEventListener("mousedown", (event) => (down = event), true);
    box.addEventListener("mouseup", (event) => {
      if (down && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < STILL_PX && !map.isMoving()) this.wait();
      down = null;
    }, true);
    for (const name of ["mousedown", "wheel", "touchstart", "keydown"]) box.addEventListener(name, () => this.go(), true);
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.go(), LONGEST_MS);
  }

  /** Draws the map, if it was to be drawn meanwhile. */
  go(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.asked) this.draw();
    this.asked = false;
  }
}
