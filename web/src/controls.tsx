/** Zoom buttons and "show everything". */
import { useTexts } from "./texts";

export function Controls(props: { onZoom: (steps: number) => void; onWhole: () => void }) {
  const { say } = useTexts();
  return (
    <div class="controls" role="group" aria-label={say("map.controls")}>
      <button type="button" onClick={() => props.onZoom(1)} aria-label={say("map.zoomIn")} title={say("map.zoomIn")}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 4v12M4 10h12" />
        </svg>
      </button>
      <button type="button" onClick={() => props.onZoom(-1)} aria-label={say("map.zoomOut")} title={say("map.zoomOut")}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M4 10h12" />
        </svg>
      </button>
      <button type="button" onClick={props.onWhole} aria-label={say("map.whole")} title={say("map.whole")}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M4 8V4h4M16 8V4h-4M4 12v4h4M16 12v4h-4" />
        </svg>
      </button>
    </div>
  );
}
