/** What one does with the map beside looking at it: a column of buttons; on a phone they unfold from one. */
import type { ComponentChildren, ComponentType } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Copy } from "./copy";
import type { Look } from "./legend";
import { followDevice } from "./locate";
import type { ParcelMap } from "./map";
import { useTexts, type TextKey } from "./texts";
import "./tools.css";

type Sheet = "measure" | "print" | "offline";

/** What a tool's sheet is given; each is loaded when it is first opened. */
interface SheetProps {
  map: ParcelMap;
  code: string | null;
  asOf: string | null;
  look: Look;
  onOpen: (file: File) => void;
  onClose: () => void;
}

const SHEETS: Record<Sheet, () => Promise<ComponentType<SheetProps>>> = {
  measure: () => import("./measure").then(({ Measure }) => Measure),
  print: () => import("./print").then(({ Print }) => Print),
  offline: () => import("./offline").then(({ Offline }) => Offline),
};

interface Props {
  /** The map, null until it is there. */
  map: () => ParcelMap | null;
  ready: boolean;
  link: () => string;
  code: string | null;
  asOf: () => string | null;
  look: Look;
  dark: boolean;
  onDark: () => void;
  onNote: (text: string) => void;
  /** Whether the map shown is one kept here: what only a server can do is left out. */
  kept: boolean;
  onOpen: (file: File) => void;
}

export function Tools(props: Props) {
  const { say, language } = useTexts();
  const [open, setOpen] = useState(false);
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const [Shown, setShown] = useState<ComponentType<SheetProps> | null>(null);
  const [following, setFollowing] = useState(false);
  const opener = useRef<HTMLElement | null>(null);
  const saying = useRef(say);
  saying.current = say;

  const close = useCallback(() => {
    setSheet(null);
    setShown(null);
    opener.current?.focus();
  }, []);

  const toggle = (name: Sheet, event: Event) => {
    setOpen(false);
    if (sheet === name) return close();
    opener.current = event.currentTarget as HTMLElement;
    setShown(null);
    setSheet(name);
    SHEETS[name]().then(
      (one) => setShown(() => one),
      () => {
        setSheet(null);
        props.onNote(saying.current("tools.unloaded"));
      },
    );
  };

  // before the page's own Escape, which closes the panel
  useEffect(() => {
    if (!sheet && !open) return;
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      if (open) setOpen(false);
      else close();
    };
    addEventListener("keydown", escape, { capture: true });
    return () => removeEventListener("keydown", escape, { capture: true });
  }, [sheet, open, close]);

  useEffect(() => {
    const map = following ? props.map() : null;
    if (!map) return;
    return followDevice(
      map,
      (key, values) => props.onNote(saying.current(key, values)),
      () => setFollowing(false),
    );
  }, [following]);

  const button = (key: TextKey, icon: ComponentChildren, state: Record<string, boolean>, act: (event: Event) => void) => (
    <button type="button" aria-label={say(key)} title={say(key)} disabled={!props.ready} {...state} onClick={act}>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        {icon}
      </svg>
      <span>{say(key)}</span>
    </button>
  );
  const map = props.map();
  return (
    <>
      <div class="tools" role="group" aria-label={say("tools.title")}>
        <button
          type="button"
          class="tools-more"
          aria-expanded={open}
          aria-controls="tools"
          aria-label={say("tools.title")}
          title={say("tools.title")}
          onClick={() => setOpen(!open)}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M4 10h.01M10 10h.01M16 10h.01" />
          </svg>
        </button>
        <div id="tools" class={`tools-list ${open ? "tools-shown" : ""}`}>
          {button(
            "tools.locate",
            <>
              <circle cx="10" cy="10" r="5.5" />
              <circle cx="10" cy="10" r="1.2" />
              <path d="M10 1.5v3M10 15.5v3M1.5 10h3M15.5 10h3" />
            </>,
            { "aria-pressed": following },
            () => {
              setOpen(false);
              setFollowing(!following);
            },
          )}
          {button("tools.measure", <path d="m2 13.5 11.5-11.5 4.5 4.500L6.5 18zM6 9.500l2 2M9 6.500l1.3 1.300M12 3.500l2 2" />, { "aria-pressed": sheet === "measure" }, (event) =>
            toggle("measure", event),
          )}
          {!props.kept &&
            button("tools.print", <path d="M5.5 7.500v-5h9v5M5.5 14.500h-3v-7h15v7h-3M5.5 12h9v5.500h-9z" />, { "aria-pressed": sheet === "print" }, (event) =>
            toggle("print", event),
          )}
          {!props.kept && (
          <Copy
            text={props.link}
            label={say("tools.share")}
            icon={
              <path d="M7.2 8.9 12.8 6M7.2 11.100l5.6 2.900M7.5 10a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Zm10-5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Zm0 10a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Z" />
            }
          >
            {say("tools.share")}
          </Copy>
          )}
          {button(
            "tools.offline",
            <path d="M10 2.500v9.500m0 0L6.5 8.500M10 12l3.5-3.500M3 13.500v3.500h14v-3.5" />,
            { "aria-pressed": sheet === "offline" },
            (event) => toggle("offline", event),
          )}
          {button(
            "tools.dark",
            <path d="M16.5 12.500a7 7 0 0 1-9-9 7 7 0 1 0 9 9z" />,
            { "aria-pressed": props.dark },
            props.onDark,
          )}
          {!props.kept && (
            <a href={`/help/${language}/index.html`} target="_blank" rel="noopener" aria-label={say("tools.help")} title={say("tools.help")}>
              <svg viewBox="0 0 20 20" aria-hidden="true">
                <circle cx="10" cy="10" r="7.5" />
                <path d="M7.8 8a2.2 2.2 0 1 1 3.3 1.900c-.8.5-1.1.9-1.1 1.700M10 14.300h.01" />
              </svg>
              <span>{say("tools.help")}</span>
            </a>
          )}
        </div>
      </div>
      {sheet && map && Shown && <Shown map={map} code={props.code} asOf={props.asOf()} look={props.look} onClose={close} onOpen={(file) => {
        close();
        props.onOpen(file);
      }} />}
    </>
  );
}
