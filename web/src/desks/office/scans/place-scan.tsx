/** A paper sheet put on the map: the same points told in the picture and on the ground, by clicks or typed. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "../../../api";
import { isAbort, sentenceOf } from "../../../client/ask";
import type { LocalDrafts } from "../../../client/local-drafts";
import type { ScanAnswer } from "../../../client/doors";
import { parcelsIn } from "../../../edit/ground";
import type { Session } from "../../../session/session";
import { useTexts } from "../../../texts";
import { distance } from "../../../plane";
import { meridian, nearestZone, planeOf, toDegrees, ZONES_3_DEG, type Point } from "../../../vn2000";
import { useWords } from "../../../words";
import type { DeskProps } from "../../desk";
import { layersOn, type DeskLayers } from "../../layers";
import { upload } from "../../survey/upload";
import { controlsOf, csvOf, groundOf, misses, pixelOf, type Row } from "./controls";
import { Picture, type Mark } from "./picture";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

const NEAR_PX = 12; // so near a corner of the register a click means the corner
const DRAFT = "scan";
const COLOUR = "#b3261e";

interface Said {
  title: string;
  kind: "scan" | "orthophoto";
  epsg: number;
  commune: string;
  sheet: string;
  transformation: "" | "affine" | "projective" | "thin_plate";
  crop: boolean;
}

interface Kept {
  files: File[];
  rows: Row[];
  said: Said;
}

const another = (rows: readonly Row[]): Row => ({ id: Math.max(0, ...rows.map((row) => row.id)) + 1, column: "", row: "", x: "", y: "" });

export function PlaceScan(props: Pick<DeskProps, "map" | "take"> & { session: Session; drafts: LocalDrafts; onPlaced: (scan: ScanAnswer) => void }) {
  const { map, take, session, drafts, onPlaced } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const who = session.me?.name ?? "";
  const [files, setFiles] = useState<File[]>([]); // the picture, then its world file or list of points
  const [rows, setRows] = useState<Row[]>([]);
  const [said, setSaid] = useState<Said>(() => ({
    title: "", kind: "scan", epsg: nearestZone(map?.map.getCenter().lng ?? 105), commune: "", sheet: "", transformation: "", crop: false,
  }));
  const [ready, setReady] = useState(false);
  const [shown, setShown] = useState(true); // the browser can show the picture
  const [told, setTold] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [share, setShare] = useState<number | null>(null); // of the upload
  const picker = useRef<HTMLInputElement>(null);
  const stop = useRef<AbortController | null>(null);
  const layer = useRef<DeskLayers | null>(null);
  const [picture] = files;
  const address = useMemo(() => (picture ? URL.createObjectURL(picture) : null), [picture]);
  useEffect(() => () => (address ? URL.revokeObjectURL(address) : undefined), [address]);

  // what was begun stays on this device until it is dropped: a sheet that lies badly is placed anew from the same points
  useEffect(() => {
    const controller = new AbortController();
    void drafts.get<Kept>(DRAFT, who, "").then((kept) => {
      if (!kept) return zoneHere(controller.signal);
      setFiles(kept.value.files);
      setRows(kept.value.rows);
      setSaid(kept.value.said);
      setReady(true);
    });
    return () => {
      controller.abort();
      stop.current?.abort();
    };
  }, []);
  // the zone of the sheets here, where the server tells
  const zoneHere = (signal: AbortSignal) => {
    const { lng, lat } = map?.map.getCenter() ?? { lng: 105, lat: 16 };
    api.plans([lng, lat], signal).then(
      ({ zone }) => {
        setSaid((said) => ({ ...said, epsg: zone.epsg }));
        setReady(true);
      },
      () => signal.aborted || setReady(true),
    );
  };
  useEffect(() => {
    if (ready && files.length) void drafts.put<Kept>(DRAFT, who, "", { files, rows, said });
  }, [files, rows, said, ready]);

  const fill = (filled: (row: Row) => boolean, what: Partial<Row>) =>
    setRows((rows) => {
      const open = rows.findIndex((row) => !filled(row));
      if (open >= 0) return rows.map((row, k) => (k === open ? { ...row, ...what } : row));
      return [...rows, { ...another(rows), ...what }];
    });
  const written = ([east, north]: Point) => ({ x: write(north, 3), y: write(east, 3) });
  const fillGround = (place: Point) => {
    const what = written(place);
    fill((row) => groundOf(row) !== null, what);
    return what;
  };
  const write = (n: number, digits: number) => (language === "vi" ? n.toFixed(digits).replace(".", ",") : n.toFixed(digits));

  // clicks on the map are places on the ground; near a corner of the register they mean the corner
  const { epsg } = said;
  const begun = files.length > 0;
  useEffect(() => {
    if (!begun || !map) return;
    const controller = new AbortController();
    const end = take(({ lonDeg, latDeg }) => {
      const clicked = planeOf(epsg, [lonDeg, latDeg]);
      const at = map.map.project([lonDeg, latDeg]);
      const [a, b] = [map.map.unproject([at.x - NEAR_PX, at.y + NEAR_PX]), map.map.unproject([at.x + NEAR_PX, at.y - NEAR_PX])];
      const withinM = distance(planeOf(epsg, [a.lng, a.lat]), planeOf(epsg, [b.lng, b.lat])) / 2 / Math.SQRT2;
      const put = fillGround(clicked);
      setTold(say("onGround"));
      parcelsIn([a.lng, a.lat, b.lng, b.lat], epsg, controller.signal).then(
        (parcels) => {
          const near = parcels
            .flatMap((parcel) => parcel.rings.flat().map((corner) => ({ corner, parcel, off: distance(corner, clicked) })))
            .sort((one, other) => one.off - other.off)[0];
          if (!near || near.off > withinM) return;
          setRows((rows) => rows.map((row) => (row.x === put.x && row.y === put.y ? { ...row, ...written(near.corner) } : row)));
          setTold(say("onCorner", { number: near.parcel.number, sheet: near.parcel.sheet }));
        },
        () => undefined, // the place that was clicked stands
      );
    });
    return () => {
      controller.abort();
      end();
    };
  }, [begun, map, epsg, take, language]);

  // the points on the ground, numbered as in the picture
  useEffect(() => {
    if (!begun || !map) return;
    const layers = (layer.current = layersOn(map.map, "scan-controls", [
      { id: "dot", type: "circle", paint: { "circle-color": "#ffffff", "circle-radius": 5, "circle-stroke-color": COLOUR, "circle-stroke-width": 2 } },
      {
        id: "name",
        type: "symbol",
        layout: { "text-field": ["get", "name"], "text-font": ["Noto Sans Bold"], "text-size": 13, "text-offset": [0.9, -0.8], "text-allow-overlap": true },
        paint: { "text-color": COLOUR, "text-halo-color": "#ffffff", "text-halo-width": 1.6 },
      },
    ]));
    return () => layers.remove();
  }, [begun, map]);
  useEffect(() => {
    layer.current?.set(
      rows.flatMap((row, k) => {
        const ground = groundOf(row);
        if (!ground) return [];
        return [{ type: "Feature" as const, properties: { name: String(k + 1) }, geometry: { type: "Point" as const, coordinates: toDegrees(epsg, ground) } }];
      }),
    );
  }, [begun, map, rows, epsg]);

  const controls = controlsOf(rows);
  const whole = controls.filter((one) => one !== null);
  const missed = misses(whole);
  const missOf = (k: number) => (missed && controls[k] ? missed[whole.indexOf(controls[k])]! : null);
  const worst = missed ? Math.max(...missed) : 0;
  const marks: Mark[] = rows.flatMap((row, k) => {
    const pixel = pixelOf(row);
    return pixel ? [{ label: String(k + 1), pixel, open: groundOf(row) === null }] : [];
  });
  const half = rows.length > whole.length;

  const forget = () => {
    void drafts.remove(DRAFT, who, "");
    setFiles([]);
    setRows([]);
    setShown(true);
    setTold("");
    setWrong(null);
  };
  const send = async () => {
    const controller = (stop.current = new AbortController());
    setWrong(null);
    setShare(0);
    try {
      const all = files.reduce((sum, file) => sum + file.size, 0);
      const uploads: string[] = [];
      let before = 0;
      for (const file of files) {
        const events = { begun: () => undefined, waits: () => undefined, sent: (n: number) => setShare((before + n) / all) };
        uploads.push(await upload(session, file, null, events, controller.signal));
        before += file.size;
      }
      const placed = await session.ask("POST /api/v1/scans", {
        body: {
          uploads,
          kind: said.kind,
          title: said.title.trim(),
          ...(whole.length ? { points: csvOf(whole), crs: epsg } : {}),
          ...(said.transformation ? { transformation: said.transformation } : {}),
          ...(said.commune.trim() ? { commune: said.commune.trim() } : {}),
          ...(said.sheet.trim() ? { sheet: said.sheet.trim() } : {}),
          ...(said.crop ? { crop: "sheet" } : {}),
        },
        signal: controller.signal,
      });
      onPlaced(placed);
    } catch (error) {
      if (!isAbort(error)) setWrong(sentenceOf(error, language));
    } finally {
      setShare(null);
    }
  };
  const field = (name: "title" | "commune" | "sheet") => ({
    value: said[name],
    onInput: (event: { currentTarget: { value: string } }) => setSaid({ ...said, [name]: event.currentTarget.value }),
  });

  return (
    <section aria-label={say("place")} class="scan-place">
      <div class="buttons">
        <button type="button" class={`plain ${begun ? "" : "primary"}`} disabled={share !== null || !ready} onClick={() => picker.current?.click()}>
          {begun ? say("chooseOther") : say("choose")}
        </button>
        {begun && (
          <button type="button" class="plain" disabled={share !== null} onClick={forget}>
            {say("forget")}
          </button>
        )}
      </div>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        disabled={!ready}
        accept=".png,.jpg,.jpeg,.tif,.tiff,.csv,.txt,.points,.pgw,.jgw,.tfw,.wld"
        aria-label={say("choose")}
        onChange={(event) => {
          const chosen = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = "";
          if (!chosen.length) return;
          const isPicture = (file: File) => /\.(png|jpe?g|tiff?)$/i.test(file.name);
          setFiles([...chosen.filter(isPicture), ...chosen.filter((file) => !isPicture(file))]);
          setShown(true);
          setWrong(null);
        }}
      />
      {!begun && <p class="office-small">{say("help")}</p>}
      {begun && (
        <>
          <p class="office-small">{files.map((file) => file.name).join(", ")}</p>
          {address && shown ? (
            <Picture
              key={address}
              address={address}
              marks={marks}
              onPixel={([column, row]) => fill((one) => pixelOf(one) !== null, { column: write(column, 1), row: write(row, 1) })}
              onUnreadable={() => setShown(false)}
            />
          ) : (
            <p class="wrong">{say("unreadable")}</p>
          )}
          <p class="office-small">{say("steps")}</p>
          <p role="status" class="office-small">
            {told}
          </p>
          <div class="office-table">
            <table class="scan-rows">
              <caption class="off-screen">{say("points")}</caption>
              <thead>
                <tr>
                  <th scope="col">{say("point")}</th>
                  <th scope="col">{say("column")}</th>
                  <th scope="col">{say("row")}</th>
                  <th scope="col">{say("x")}</th>
                  <th scope="col">{say("y")}</th>
                  <th scope="col">{say("miss")}</th>
                  <td />
                </tr>
              </thead>
              <tbody>
                {rows.map((row, k) => {
                  const miss = missOf(k);
                  return (
                    <tr key={row.id}>
                      <th scope="row">{k + 1}</th>
                      {(["column", "row", "x", "y"] as const).map((name) => (
                        <td key={name}>
                          <input
                            inputMode="decimal"
                            aria-label={`${say("point")} ${k + 1}: ${say(name)}`}
                            value={row[name]}
                            onInput={(event) => {
                              const { value } = event.currentTarget;
                              setRows(rows.map((one) => (one.id === row.id ? { ...one, [name]: value } : one)));
                            }}
                          />
                        </td>
                      ))}
                      <td class={miss !== null && miss === worst && miss > 0.0005 ? "scan-worst" : ""}>{miss === null ? "" : `${write(miss, 2)} m`}</td>
                      <td>
                        <button
                          type="button"
                          class="quiet"
                          aria-label={say("removePoint", { n: k + 1 })}
                          onClick={() => setRows(rows.filter((one) => one.id !== row.id))}
                        >
                          ×
                        </button>
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
          <button type="button" class="plain" onClick={() => setRows([...rows, another(rows)])}>
            {say("addPoint")}
          </button>
          <div class="fields">
            <label>
              {say("zone")}
              <select value={String(epsg)} onChange={(event) => setSaid({ ...said, epsg: Number(event.currentTarget.value) })}>
                {ZONES_3_DEG.map((one) => (
                  <option key={one} value={String(one)}>
                    {meridian(one)}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {say("title")}
              <input maxLength={200} {...field("title")} />
            </label>
            <label>
              {say("kind")}
              <select value={said.kind} onChange={(event) => setSaid({ ...said, kind: event.currentTarget.value as Said["kind"] })}>
                <option value="scan">{say("scan")}</option>
                <option value="orthophoto">{say("orthophoto")}</option>
              </select>
            </label>
            <label>
              {say("transformation")}
              <select
                value={said.transformation}
                onChange={(event) => setSaid({ ...said, transformation: event.currentTarget.value as Said["transformation"] })}
              >
                <option value="">{say("best")}</option>
                {(["affine", "projective", "thin_plate"] as const).map((one) => (
                  <option key={one} value={one}>
                    {say(one)}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {say("commune")}
              <input inputMode="numeric" maxLength={5} pattern="[0-9]{5}" {...field("commune")} />
            </label>
            <label>
              {say("sheet")}
              <input maxLength={40} {...field("sheet")} />
            </label>
          </div>
          <label class="check">
            <input type="checkbox" checked={said.crop} disabled={!said.sheet.trim()} onChange={(event) => setSaid({ ...said, crop: event.currentTarget.checked })} />
            {say("crop")}
          </label>
          <p class="wrong" role="alert">
            {wrong}
          </p>
          {half && <p class="office-small">{say("half")}</p>}
          {share !== null && <progress max={1} value={share < 1 ? share : undefined} aria-label={say("placing")} />}
          <div class="buttons">
            {share !== null && (
              <button type="button" class="plain" onClick={() => stop.current?.abort()}>
                {say("stop")}
              </button>
            )}
            <button type="button" class="plain primary" disabled={share !== null || half || (rows.length > 0 && rows.length < 3)} onClick={() => void send()}>
              {share !== null ? say("placing") : say("send")}
            </button>
          </div>
        </>
      )}
    </section>
  );
}
