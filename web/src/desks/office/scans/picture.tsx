/** A picture one looks into: dragged, made larger and smaller; a click, or Enter at its cross, tells the pixel. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../../../words";
import type { Point } from "../../../vn2000";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

const STEP = 1.5;
const LARGEST = 16;
const STILL_PX = 4; // so far a click may slip

export interface Mark {
  label: string;
  pixel: Point;
  open: boolean; // its place on the ground is not told yet
}

/** `address`: of the picture; `onUnreadable`: the browser cannot show it. */
export function Picture(props: { address: string; marks: readonly Mark[]; onPixel: (pixel: Point) => void; onUnreadable: () => void }) {
  const say = useWords({ vi, en });
  const pane = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Point | null>(null);
  const [zoom, setZoom] = useState(1);
  const held = useRef<{ pixel: Point; at: Point } | null>(null); // this pixel stays at this place of the pane
  const pressed = useRef<{ at: Point; scroll: Point; moved: boolean } | null>(null);

  const inPane = (event: { clientX: number; clientY: number }): Point => {
    const { left, top } = pane.current!.getBoundingClientRect();
    return [event.clientX - left - pane.current!.clientLeft, event.clientY - top - pane.current!.clientTop];
  };
  const pixelAt = ([x, y]: Point): Point => [(pane.current!.scrollLeft + x) / zoom, (pane.current!.scrollTop + y) / zoom];
  const centre = (): Point => [pane.current!.clientWidth / 2, pane.current!.clientHeight / 2];
  const put = (pixel: Point) => {
    if (size && pixel[0] >= 0 && pixel[1] >= 0 && pixel[0] <= size[0] && pixel[1] <= size[1]) props.onPixel(pixel);
  };
  const zoomBy = (factor: number, at: Point = centre()) => {
    if (!size) return;
    const smallest = Math.min(1, pane.current!.clientWidth / size[0], pane.current!.clientHeight / size[1]);
    held.current = { pixel: pixelAt(at), at };
    setZoom(Math.min(LARGEST, Math.max(smallest, zoom * factor)));
  };

  useLayoutEffect(() => {
    if (!held.current || !pane.current) return;
    const { pixel, at } = held.current;
    pane.current.scrollTo(pixel[0] * zoom - at[0], pixel[1] * zoom - at[1]);
    held.current = null;
  }, [zoom]);

  // Preact's own handler of the wheel cannot keep the page from scrolling
  useEffect(() => {
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      zoomBy(event.deltaY < 0 ? STEP : 1 / STEP, inPane(event));
    };
    const { current } = pane;
    current?.addEventListener("wheel", wheel, { passive: false });
    return () => current?.removeEventListener("wheel", wheel);
  });

  return (
    <div class="scan-picture">
      <div
        ref={pane}
        class="scan-pane"
        role="application"
        tabIndex={0}
        aria-label={say("picture")}
        onKeyDown={(event) => {
          if (event.key === "Enter") put(pixelAt(centre()));
          else if (event.key === "+" || event.key === "=") zoomBy(STEP);
          else if (event.key === "-") zoomBy(1 / STEP);
          else return;
          event.preventDefault();
        }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          const { scrollLeft, scrollTop } = event.currentTarget;
          pressed.current = { at: inPane(event), scroll: [scrollLeft, scrollTop], moved: false };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          const { current } = pressed;
          if (!current) return;
          const [x, y] = inPane(event);
          const [dx, dy] = [x - current.at[0], y - current.at[1]];
          current.moved ||= Math.hypot(dx, dy) > STILL_PX;
          if (current.moved) event.currentTarget.scrollTo(current.scroll[0] - dx, current.scroll[1] - dy);
        }}
        onPointerUp={(event) => {
          if (pressed.current && !pressed.current.moved) put(pixelAt(inPane(event)));
          pressed.current = null;
        }}
        onPointerCancel={() => (pressed.current = null)}
      >
        <div class="scan-sheet" style={size ? { width: `${size[0] * zoom}px`, height: `${size[1] * zoom}px` } : {}}>
          <img
            src={props.address}
            alt={say("picture")}
            draggable={false}
            onLoad={(event) => {
              const { naturalWidth, naturalHeight } = event.currentTarget;
              const { clientWidth, clientHeight, style } = pane.current!;
              const whole = Math.min(1, clientWidth / naturalWidth, clientHeight / naturalHeight);
              setSize([naturalWidth, naturalHeight]);
              setZoom(whole);
              style.height = `${Math.max(200, Math.ceil(naturalHeight * whole) + 2)}px`; // no room around what is wide
            }}
            onError={props.onUnreadable}
          />
          {size &&
            props.marks.map(({ label, pixel, open }) => (
              <span key={label} class={`scan-mark ${open ? "scan-mark-open" : ""}`} style={{ left: `${pixel[0] * zoom}px`, top: `${pixel[1] * zoom}px` }} aria-hidden="true">
                <b>{label}</b>
              </span>
            ))}
        </div>
      </div>
      <span class="scan-cross" aria-hidden="true" />
      <div class="scan-zoom">
        <button type="button" class="plain" aria-label={say("larger")} title={say("larger")} onClick={() => zoomBy(STEP)}>
          +
        </button>
        <button type="button" class="plain" aria-label={say("smaller")} title={say("smaller")} onClick={() => zoomBy(1 / STEP)}>
          −
        </button>
      </div>
    </div>
  );
}
