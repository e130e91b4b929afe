/** The key to the map's washes, folded away until asked for. */
import { useState } from "preact/hooks";
import { useTexts, type TextKey } from "./texts";

// The colours of tiles/style.py, by family of land use.
const FAMILIES: [TextKey, string][] = [
  ["legend.residential", "#f5ddd1"],
  ["legend.rice", "#f2eecb"],
  ["legend.crops", "#e9e3bb"],
  ["legend.forest", "#d5e3c2"],
  ["legend.water", "#cbe1ea"],
  ["legend.roads", "#fffdf7"],
  ["legend.public", "#e6dbe9"],
  ["legend.business", "#ecd9bd"],
  ["legend.other", "#ebe5d8"],
];

export function Legend() {
  const { say } = useTexts();
  const [open, setOpen] = useState(false);
  return (
    <div class="legend">
      <button type="button" aria-expanded={open} aria-controls="legend" onClick={() => setOpen(!open)}>
        {say("legend.title")}
      </button>
      <ul id="legend" hidden={!open}>
        {FAMILIES.map(([key, colour]) => (
          <li key={key}>
            <i style={{ background: colour }} />
            {say(key)}
          </li>
        ))}
      </ul>
    </div>
  );
}
