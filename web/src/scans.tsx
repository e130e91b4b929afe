/** Scanned sheets and orthophotos: which are drawn over the map, and how far the map shows through. */
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import type { Scan } from "./api";
import { useTexts } from "./texts";

const OPACITY = 70;

export function Scans(props: {
  /** Scans drawn from the start, by id, and how dense (of a hundred): as the page's address tells. */
  first: readonly string[];
  density: number | null;
  /** Whether there is a map to draw them on. */
  ready: boolean;
  onShown: (ids: string[], density: number) => void;
  onShow: (scan: Scan, shown: boolean) => void;
  onOpacity: (share: number) => void;
  onGoTo: (scan: Scan) => void;
}) {
  const { say } = useTexts();
  const [open, setOpen] = useState(false);
  const [scans, setScans] = useState<Scan[]>([]);
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set(props.first));
  const [opacity, setOpacity] = useState(props.density ?? OPACITY);

  useEffect(() => {
    const controller = new AbortController();
    api.scans(controller.signal).then(setScans, () => undefined); // the map is whole without them
    return () => controller.abort();
  }, [open]);

  // those of the address, once it is known which there are
  const begun = useRef(props.first.length === 0);
  useEffect(() => {
    if (begun.current || !props.ready || scans.length === 0) return;
    begun.current = true;
    props.onOpacity(opacity / 100);
    for (const scan of scans) if (shown.has(scan.id)) props.onShow(scan, true);
  }, [scans, props.ready]);

  useEffect(() => {
    if (begun.current) props.onShown([...shown], opacity);
  }, [shown, opacity]);

  const toggle = (scan: Scan) => {
    const next = new Set(shown);
    if (!next.delete(scan.id)) next.add(scan.id);
    setShown(next);
    props.onOpacity(opacity / 100);
    props.onShow(scan, next.has(scan.id));
  };

  if (scans.length === 0) return null;
  return (
    <div class="scans">
      <button type="button" aria-expanded={open} aria-controls="scans" onClick={() => setOpen(!open)}>
        {say("scans.title")}
      </button>
      <div id="scans" hidden={!open}>
        <ul>
          {scans.map((scan) => (
            <li key={scan.id}>
              <label>
                <input type="checkbox" checked={shown.has(scan.id)} onChange={() => toggle(scan)} />
                {scan.name}
              </label>
              <button type="button" onClick={() => props.onGoTo(scan)}>
                {say("scans.goTo")}
              </button>
            </li>
          ))}
        </ul>
        <label class="opacity">
          {say("scans.opacity")}
          <input
            type="range"
            min="0"
            max="100"
            value={opacity}
            onInput={(event) => {
              const share = Number(event.currentTarget.value);
              setOpacity(share);
              props.onOpacity(share / 100);
            }}
          />
          <output>{opacity} %</output>
        </label>
      </div>
    </div>
  );
}
