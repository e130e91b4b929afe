/** The key to the map, folded away until asked for: groups of land uses, their codes, and the looks the map has. */
import { useEffect, useState } from "preact/hooks";
import * as api from "./api";
import { useTexts } from "./texts";

const LOOKS = ["light", "print", "safe"] as const;
export type Look = (typeof LOOKS)[number];
/** A look as the server knows it: the light one has a twin for dark pages. */
export type DrawnLook = Look | "dark";
export const drawnLook = (look: Look, dark: boolean): DrawnLook => (dark && look === "light" ? "dark" : look);

const MEMORY = "diachinh.look";

/** The look of this name; null where there is none. */
export const lookNamed = (name: string | null): Look | null => LOOKS.find((look) => look === name) ?? null;

/** The look chosen last time; the light one at first. */
export function rememberedLook(): Look {
  try {
    return lookNamed(localStorage.getItem(MEMORY)) ?? "light";
  } catch {
    return "light"; // storage may be forbidden; the page works without it
  }
}

function remember(look: Look): void {
  try {
    localStorage.setItem(MEMORY, look);
  } catch {
    // the choice then lasts as long as the page
  }
}

export function Legend(props: { look: Look; drawn: DrawnLook; onLook: (look: Look) => void }) {
  const { language, say } = useTexts();
  const [open, setOpen] = useState(false);
  const { look, drawn } = props;
  const [told, setTold] = useState<api.Legend | null>(null);

  useEffect(() => {
    if (!open) return;
    const controller = new AbortController();
    api.legend(drawn, controller.signal).then(setTold, () => undefined); // asked for again when it is next opened
    return () => controller.abort();
  }, [open, drawn]);

  const choose = (next: Look) => {
    remember(next);
    props.onLook(next);
  };

  return (
    <div class="legend">
      <button type="button" aria-expanded={open} aria-controls="legend" onClick={() => setOpen(!open)}>
        {say("legend.title")}
      </button>
      <div id="legend" hidden={!open}>
        <fieldset>
          <legend>{say("legend.look")}</legend>
          {LOOKS.map((one) => (
            <label key={one}>
              <input type="radio" name="look" checked={one === look} onChange={() => choose(one)} />
              {say(`legend.look.${one}`)}
            </label>
          ))}
        </fieldset>
        <ul>
          {told?.groups
            .filter((group) => group.codes.length > 0)
            .map((group) => (
              <li key={group.group}>
                <details>
                  <summary>
                    <i style={{ background: group.colour }} />
                    {language === "vi" ? group.title_vi : group.title_en}
                  </summary>
                  <dl>
                    {group.codes.map((use) => (
                      <div key={use.code}>
                        <dt>{use.code}</dt>
                        <dd>{language === "vi" ? use.name_vi : use.name_en}</dd>
                      </div>
                    ))}
                  </dl>
                </details>
              </li>
            ))}
        </ul>
      </div>
    </div>
  );
}
