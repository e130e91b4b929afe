/** Scanned sheets and orthophotos: which there are, how well each lies, placed anew, shown no more. */
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../../../api";
import type { Scan } from "../../../api";
import { sentenceOf } from "../../../client/ask";
import type { ScanAnswer } from "../../../client/doors";
import type { ParcelMap } from "../../../map";
import type { Session } from "../../../session/session";
import { useTexts } from "../../../texts";
import { useWords } from "../../../words";
import type { DeskProps } from "../../desk";
import { State } from "../state";
import { useTold } from "../use-told";
import { PlaceScan } from "./place-scan";
import "./scans.css";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

export function Scans(props: Pick<DeskProps, "map" | "take" | "session" | "drafts">) {
  const { map, session } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [scans, setScans] = useState<Scan[] | null>(null);
  const [turn, setTurn] = useState(0);
  const [wrong, setWrong] = useState<string | null>(null);
  const [placed, setPlaced] = useState<ScanAnswer | null>(null);
  const drawn = useRef<Scan | null>(null);

  const show = (scan: Scan | null) => {
    if (drawn.current) map?.showScan(drawn.current, false);
    drawn.current = scan;
    if (scan) map?.showScan(scan, true);
  };
  useEffect(() => {
    const controller = new AbortController();
    setWrong(null);
    api.scans(controller.signal).then(
      (found) => {
        setScans(found);
        const mine = found.find((scan) => scan.id === placed?.id);
        if (!mine) return;
        show(mine);
        map?.around(mine.bounds);
      },
      (error: unknown) => controller.signal.aborted || setWrong(sentenceOf(error, language)),
    );
    return () => controller.abort();
  }, [turn]);
  useEffect(() => () => show(null), []);

  return (
    <section aria-label={say("scans")}>
      <h2>{say("place")}</h2>
      <PlaceScan
        {...props}
        onPlaced={(scan) => {
          setPlaced(scan);
          setTurn((n) => n + 1);
        }}
      />
      {placed && (
        <section aria-label={say("placed")} role="status">
          <h3>{say("placedAs", { title: placed.title })}</h3>
          <Fit scan={placed} />
        </section>
      )}
      <h2>{say("scans")}</h2>
      <p class="wrong" role="alert">
        {wrong}
      </p>
      {scans?.length === 0 && <p class="none-found">{say("none")}</p>}
      <ul class="office-people">
        {scans?.map((scan) => (
          <li key={scan.id}>
            <One
              scan={scan}
              session={session}
              map={map}
              onShow={() => {
                show(scan);
                map?.around(scan.bounds);
              }}
              onRetired={() => {
                if (drawn.current?.id === scan.id) show(null);
                if (placed?.id === scan.id) setPlaced(null);
                setTurn((n) => n + 1);
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function One(props: { scan: Scan; session: Session; map: ParcelMap | null; onShow: () => void; onRetired: () => void }) {
  const { scan, session } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [open, setOpen] = useState(false);
  const [sure, setSure] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const heard = useTold(session, "GET /api/v1/scans/{key}", open ? { path: { key: scan.id } } : null);
  const retire = () =>
    session.ask("DELETE /api/v1/scans/{key}", { path: { key: scan.id } }).then(props.onRetired, (error: unknown) => setWrong(sentenceOf(error, language)));
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <b>{scan.name}</b> <span>{say(scan.kind)}</span>
      </summary>
      <div class="buttons">
        <button type="button" class="plain" onClick={props.onShow}>
          {say("onMap")}
        </button>
        <button type="button" class="plain" onClick={() => (sure ? void retire() : setSure(true))}>
          {sure ? say("retireSure") : say("retire")}
        </button>
      </div>
      <p class="wrong" role="alert">
        {wrong}
      </p>
      {open && <State of={heard} />}
      {heard.told && <Fit scan={heard.told} />}
    </details>
  );
}

/** How well a picture lies: the fit of each transformation, and by how much the one taken misses each point. */
function Fit({ scan }: { scan: ScanAnswer }) {
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const write = (n: number | null, unit: string) => (n === null ? "–" : `${language === "vi" ? n.toFixed(2).replace(".", ",") : n.toFixed(2)} ${unit}`);
  return (
    <>
      <p class="office-small">{say("taken", { how: say(scan.method === "picture" ? "picture_place" : scan.method), transformation: say(scan.transformation), pixel: write(scan.pixel_m, "m") })}</p>
      {scan.notes.map((note) => (
        <p key={note.rule} class="wrong">
          {language === "vi" ? note.text_vi : note.text_en}
        </p>
      ))}
      {scan.fits.length > 0 && (
        <div class="office-table">
          <table>
            <thead>
              <tr>
                <th scope="col">{say("transformation")}</th>
                <th scope="col">{say("rms")}</th>
                <th scope="col">{say("rmsGround")}</th>
                <th scope="col">{say("leftOut")}</th>
              </tr>
            </thead>
            <tbody>
              {scan.fits.map((fit) => (
                <tr key={fit.transformation} aria-current={fit.transformation === scan.transformation ? "true" : undefined}>
                  <th scope="row">{say(fit.transformation)}</th>
                  <td>{write(fit.rms_px, "px")}</td>
                  <td>{write(fit.rms_m, "m")}</td>
                  <td>{write(fit.left_out_rms_px, "px")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {scan.points.length > 0 && (
        <div class="office-table">
          <table>
            <thead>
              <tr>
                <th scope="col">{say("point")}</th>
                <th scope="col">{say("residual")}</th>
                <th scope="col">{say("residualGround")}</th>
                <th scope="col">{say("leftOut")}</th>
              </tr>
            </thead>
            <tbody>
              {scan.points.map((point, k) => (
                <tr key={k}>
                  <th scope="row">{point.name || String(k + 1)}</th>
                  <td>{write(Math.hypot(...point.residual_px), "px")}</td>
                  <td>{write(Math.hypot(...point.residual_m), "m")}</td>
                  <td>{write(point.left_out_px, "px")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
