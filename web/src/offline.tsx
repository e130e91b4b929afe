/** The map of one commune kept on this device: which is, fetching and removing one. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import type { Unit } from "./api";
import { Refused } from "./client/ask";
import { bytes, day, unitName } from "./format";
import type { ParcelMap } from "./map";
import { DiskFull, fileOf, keepPack, keptPacks, removePack, type Pack } from "./packs";
import { useTexts } from "./texts";

type State =
  | { kind: "idle" }
  | { kind: "busy"; done: number; all: number }
  | { kind: "done"; name: string }
  | { kind: "full" }
  | { kind: "failed"; failure: Refused };

export function Offline(props: { map: ParcelMap; onOpen: (file: File) => void; onClose: () => void }) {
  const { language, say } = useTexts();
  const [packs, setPacks] = useState<Pack[]>([]);
  const [communes, setCommunes] = useState<Unit[] | null>(null);
  const [commune, setCommune] = useState("");
  const [state, setState] = useState<State>({ kind: "idle" });
  const busy = useRef<AbortController | null>(null);

  const look = useCallback(() => void keptPacks().then(setPacks), []);
  useEffect(() => {
    look();
    const controller = new AbortController();
    api.register(controller.signal).then(
      (told) => {
        setCommunes(told.communes);
        const here = props.map.communeInView();
        setCommune((told.communes.find(({ code }) => code === here) ?? told.communes[0])?.code ?? "");
      },
      () => !controller.signal.aborted && setCommunes([]),
    );
    return () => {
      controller.abort();
      busy.current?.abort();
    };
  }, []);

  const keep = async () => {
    const unit = communes?.find(({ code }) => code === commune);
    if (!unit) return;
    const controller = (busy.current = new AbortController());
    setState({ kind: "busy", done: 0, all: 0 });
    try {
      await keepPack(unit.code, unitName(unit), (done, all) => setState({ kind: "busy", done, all }), controller.signal);
      setState({ kind: "done", name: unitName(unit) });
    } catch (error) {
      if (controller.signal.aborted) setState({ kind: "idle" });
      else if (error instanceof DiskFull) setState({ kind: "full" });
      else setState({ kind: "failed", failure: error instanceof Refused ? error : new Refused(500) });
    }
    look();
  };

  return (
    <section class="tool-sheet offline" aria-label={say("offline.title")}>
      <h2>{say("offline.title")}</h2>
      <button type="button" class="quiet tool-close" onClick={props.onClose} aria-label={say("offline.close")} title={say("offline.close")}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="m5 5 10 10M15 5 5 15" />
        </svg>
      </button>
      {packs.length === 0 ? (
        <p class="tool-help">{say("offline.none")}</p>
      ) : (
        <ul>
          {packs.map((pack) => (
            <li key={pack.commune}>
              <span>
                <b>{pack.name}</b>
                <small>
                  {bytes(pack.bytes, language)} · {day(pack.keptAt)}
                </small>
              </span>
              <button type="button" class="plain" onClick={() => void fileOf(pack).then(props.onOpen)} aria-label={say("offline.openOne", { name: pack.name })}>
                {say("offline.open")}
              </button>
              <button
                type="button"
                class="plain"
                aria-label={say("offline.removeOne", { name: pack.name })}
                onClick={() => void removePack(pack.commune).then(look, look)}
              >
                {say("offline.remove")}
              </button>
            </li>
          ))}
        </ul>
      )}
      {communes !== null && communes.length === 0 && <p class="tool-help">{say("offline.lost")}</p>}
      {communes !== null && communes.length > 0 && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void keep();
          }}
        >
          <label>
            {say("offline.commune")}
            <select value={commune} disabled={state.kind === "busy"} onChange={(event) => setCommune(event.currentTarget.value)}>
              {communes.map((unit) => (
                <option key={unit.code} value={unit.code}>
                  {unitName(unit)}
                </option>
              ))}
            </select>
          </label>
          <p class="tool-buttons">
            {state.kind === "busy" ? (
              <button type="button" class="plain" onClick={() => busy.current?.abort()}>
                {say("offline.stop")}
              </button>
            ) : (
              <button type="submit" class="plain strong">
                {say(packs.some((pack) => pack.commune === commune) ? "offline.again" : "offline.keep")}
              </button>
            )}
          </p>
        </form>
      )}
      {state.kind === "busy" && (
        <p class="offline-progress">
          <progress aria-label={say("offline.title")} {...(state.all > 0 ? { value: state.done, max: state.all } : {})} />
          <span>{state.all > 0 ? `${bytes(state.done, language)} / ${bytes(state.all, language)}` : say("offline.making")}</span>
        </p>
      )}
      <p class="tool-help" role="status">
        {state.kind === "done" ? say("offline.done", { name: state.name }) : ""}
      </p>
      <p class="tool-failed" role="alert">
        {state.kind === "full" && say("offline.full")}
        {state.kind === "failed" &&
          (state.failure.status === 0 ? say("offline.broken") : (state.failure.own(language) ?? say("error.server", { status: state.failure.status })))}
      </p>
    </section>
  );
}
