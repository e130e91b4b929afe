/** The map as it was: a slider over the moments at which something in view changed, by law or as the office knew it. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import type { MapMoment } from "./api";
import type { Bounds } from "./bounds";
import { day, instant } from "./format";
import { useTexts, type TextKey } from "./texts";

const SETTLE_MS = 120;

type Clock = "law" | "office";

/** Where the slider can stand: what tiles are asked for, and how it is called. The last stop is the present. */
interface Stop {
  asOf: string;
  label: string;
}

function stopsOf(moments: MapMoment[], clock: Clock): Stop[] {
  if (clock === "office") return moments.map(({ made_at }) => ({ asOf: made_at, label: instant(made_at) }));
  const days = [...new Set(moments.map(({ effective_on }) => effective_on))].sort();
  return days.map((iso) => ({ asOf: iso, label: day(iso) }));
}

const stopAt = (asOf: string): Stop => ({ asOf, label: asOf.includes("T") ? instant(asOf) : day(asOf) });

export function Time(props: {
  /** What is in view, for asking when it changed; changes of it make `turn` another. */
  bounds: () => Bounds | null;
  turn: number;
  /** The moment the map shows from the start, as the page's address tells; null: the present. */
  first: string | null;
  /** The moment to show, null for the present. */
  onTime: (asOf: string | null) => void;
}) {
  const { say } = useTexts();
  const [open, setOpen] = useState(props.first !== null);
  const [clock, setClock] = useState<Clock>(props.first?.includes("T") ? "office" : "law");
  const [moments, setMoments] = useState<MapMoment[]>([]);
  const [complete, setComplete] = useState(true);
  const [chosen, setChosen] = useState<Stop | null>(props.first === null ? null : stopAt(props.first)); // null: the present
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const slider = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const bounds = open ? props.bounds() : null;
    if (!bounds) return;
    const controller = new AbortController();
    api.moments(bounds, controller.signal).then(
      (answer) => {
        setMoments(answer.moments);
        setComplete(answer.complete);
      },
      () => undefined, // the slider keeps the moments it has
    );
    return () => controller.abort();
  }, [open, props.turn]);

  const asked = useRef(false); // by hand, not by the page's address
  useEffect(() => {
    if (open && asked.current) slider.current?.focus();
  }, [open]);

  const choose = useCallback(
    (stop: Stop | null) => {
      setChosen(stop);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => props.onTime(stop?.asOf ?? null), SETTLE_MS);
    },
    [props.onTime],
  );

  const stops = stopsOf(moments, clock);
  // what was chosen stays, though nothing changed then in the view of now
  if (chosen && !stops.some(({ asOf }) => asOf === chosen.asOf)) {
    stops.push(chosen);
    stops.sort((a, b) => (a.asOf < b.asOf ? -1 : 1));
  }
  const at = chosen ? stops.findIndex(({ asOf }) => asOf === chosen.asOf) : stops.length;
  const label = chosen?.label ?? say("time.now");
  const go = (index: number) => choose(stops[index] ?? null);

  const close = () => {
    choose(null);
    setOpen(false);
  };

  if (!open) {
    return (
      <button type="button" class="time-open" onClick={() => {
          asked.current = true;
          setOpen(true);
        }}
      >
        {say("time.title")}
      </button>
    );
  }
  const clocks: [Clock, TextKey][] = [
    ["law", "time.law"],
    ["office", "time.office"],
  ];
  return (
    <section
      class={`time ${chosen ? "time-past" : ""}`}
      aria-label={say("time.title")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        close();
      }}
    >
      <p class="time-head">
        <strong role="status">{label}</strong>
        <span role="radiogroup" aria-label={say("time.clock")}>
          {clocks.map(([name, text]) => (
            <label key={name}>
              <input
                type="radio"
                name="clock"
                checked={clock === name}
                onChange={() => {
                  setClock(name);
                  choose(null);
                }}
              />
              {say(text)}
            </label>
          ))}
        </span>
      </p>
      <div class="time-line">
        <button type="button" onClick={() => go(at - 1)} disabled={at <= 0} aria-label={say("time.before")} title={say("time.before")}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="m12 5-5 5 5 5" />
          </svg>
        </button>
        <span class="time-track">
          <input
            ref={slider}
            type="range"
            min="0"
            max={stops.length}
            step="1"
            value={at}
            aria-label={say("time.slider")}
            aria-valuetext={label}
            onInput={(event) => go(Number(event.currentTarget.value))}
          />
          <span class="time-ends" aria-hidden="true">
            <span>{stops.length === 0 ? say("time.none") : `${complete ? "" : "… "}${stops[0]?.label ?? ""}`}</span>
            <span>{say("time.now")}</span>
          </span>
        </span>
        <button
          type="button"
          onClick={() => go(at + 1)}
          disabled={at >= stops.length}
          aria-label={say("time.after")}
          title={say("time.after")}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="m8 5 5 5-5 5" />
          </svg>
        </button>
        <button type="button" class="quiet" onClick={close} aria-label={say("time.close")} title={say("time.close")}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="m5 5 10 10M15 5 5 15" />
          </svg>
        </button>
      </div>
    </section>
  );
}
