/** The page: what is selected, what is said, and how its parts hear of each other. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "./api";
import type { Parcel, Register } from "./api";
import { Refused } from "./client/ask";
import { KeptTold, NoArchive, OpenArchive, archiveInAddress, drawImages, openArchive, type Archive } from "./archive";
import type { Bounds } from "./bounds";
import { follow } from "./changes";
import { Controls } from "./controls";
import { Kept, findKept, type KeptParcel } from "./kept";
import { Legend, drawnLook, lookNamed, rememberedLook, type Look } from "./legend";
import type { Pick } from "./desks/desk";
import { Workplace } from "./desks/workplace";
import { ParcelMap } from "./map";
import { Notice } from "./notice";
import { keepPage, keptPacks, fileOf } from "./packs";
import { Panel, type Selection } from "./panel";
import { codeInAddress, shareLink, showCode, showShown, shownInAddress, viewInAddress } from "./route";
import { Scans } from "./scans";
import { Search } from "./search";
import { useDark } from "./theme";
import { Time } from "./time";
import { Tools } from "./tools";
import { Texts, rememberLanguage, rememberedLanguage, sayIn, type Language } from "./texts";

const VIETNAM: Bounds = [102.1, 8.2, 109.6, 23.5];
const RETRY_MS = 4000;
const NOTE_MS = 6000;
const CLOSE_ZOOM = 15;
const LOADING_MS = 150; // what comes sooner is not announced: a panel drawn twice would be later

type Place = [lonDeg: number, latDeg: number];
type MapState = "loading" | "ready" | { failed: "map.failed" } | { failed: "error.server"; status: number };

/** What an archive says of the parcel drawn at a place, as a sentence; null where none is drawn. */
function parcelDrawnAt(shown: ParcelMap, lonDeg: number, latDeg: number): string | null {
  const { map } = shown;
  const [drawn] = map.queryRenderedFeatures(map.project([lonDeg, latDeg]), { layers: ["parcels-fill"] });
  const facts = drawn?.properties;
  return facts ? `${facts["number"]} · ${facts["land_use"]} · ${facts["code"]}` : null;
}

/** Once what was set is drawn: the map, whose frames are the dear ones, must not keep it waiting. */
function afterPaint(act: () => void): void {
  requestAnimationFrame(() => setTimeout(act));
}

export function App() {
  const [language, setLanguage] = useState<Language>(rememberedLanguage);
  const [register, setRegister] = useState<Register | null>(null);
  const [mapState, setMapState] = useState<MapState>("loading");
  const [archive, setArchive] = useState<Archive | null>(null);
  const [named] = useState(archiveInAddress);
  const [told] = useState(shownInAddress);
  const [look, setLook] = useState<Look>(() => lookNamed(told.look) ?? rememberedLook());
  const [dark, turnDark] = useDark();
  const drawn = drawnLook(look, dark);
  const dressed = useRef(drawn); // for a map that opens later
  dressed.current = drawn;
  const [lost, setLost] = useState(false);
  const [away, setAway] = useState(false); // an archive is shown because the server does not answer
  const [kept, setKept] = useState<KeptParcel | null>(null); // the parcel chosen in an archive
  const [note, setNote] = useState<string | null>(null);
  const [turn, setTurn] = useState(0); // another with each view and each change of the map
  const [selection, setSelection] = useState<Selection>({ kind: "none" });
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<ParcelMap | null>(null);
  const time = useRef<string | null>(told.asOf); // the moment the map shows, null: the present
  const scanned = useRef({ scans: told.scans, density: told.density }); // the scans over it
  const [opened, setOpened] = useState<ParcelMap | null>(null); // the same, for the desks beside it
  const taker = useRef<((pick: Pick) => void) | null>(null); // the desk that takes clicks on the map
  const following = useRef<ReturnType<typeof follow> | null>(null);
  const reading = useRef<AbortController | null>(null);
  const texts = useMemo(() => ({ language, say: sayIn(language) }), [language]);
  const say = useRef(texts.say); // for the map's events, which are bound once
  say.current = texts.say;
  const failedCode = useRef<string | null>(null); // the parcel that could not be read while the server was away
  const shown = useRef<Parcel | null>(null); // for a map that opens later than the panel
  shown.current = selection.kind === "parcel" ? selection.parcel : null;
  failedCode.current = selection.kind === "failed" && selection.failure.status === 0 ? selection.code : null;

  const failed = useCallback((error: unknown) => {
    if (error instanceof Refused && error.status === 0) setLost(true);
  }, []);

  const close = useCallback(() => {
    reading.current?.abort();
    setSelection({ kind: "none" });
    map.current?.show(null);
    showCode(null);
  }, []);

  /** Reads the parcel and opens its panel; the map flies there, or only keeps the clicked place in sight. */
  const open = useCallback(
    async (code: string, clicked: Place | null, record = true) => {
      reading.current?.abort();
      const controller = (reading.current = new AbortController());
      setNote(null);
      const late = setTimeout(() => !controller.signal.aborted && setSelection({ kind: "loading", code }), LOADING_MS);
      if (record) showCode(code);
      try {
        const parcel = await api.parcel(code, time.current, controller.signal).finally(() => clearTimeout(late));
        setSelection({ kind: "parcel", parcel });
        afterPaint(() => {
          map.current?.clickFirst.go();
          if (controller.signal.aborted) return;
          map.current?.show(parcel);
          if (clicked) map.current?.reveal(clicked);
          else map.current?.goTo(parcel);
        });
      } catch (error) {
        if (controller.signal.aborted) return;
        failed(error);
        map.current?.show(null);
        setSelection({ kind: "failed", code, failure: error instanceof Refused ? error : new Refused(500) });
      }
    },
    [failed],
  );

  const pick = useCallback(
    async (code: string | null, lonDeg: number, latDeg: number, zoom: number) => {
      if (taker.current) {
        map.current?.clickFirst.go();
        return taker.current({ code, lonDeg, latDeg });
      }
      setNote(null);
      if (code) return void open(code, [lonDeg, latDeg]);
      if (zoom < CLOSE_ZOOM) {
        map.current?.map.easeTo({ center: [lonDeg, latDeg], zoom: Math.min(zoom + 2, CLOSE_ZOOM + 1) });
        return;
      }
      try {
        const found = await api.parcelsAt(lonDeg, latDeg);
        const first = found.features[0] as Parcel | undefined;
        if (first) return void open(first.properties.code, [lonDeg, latDeg]);
        close();
        setNote(say.current("parcel.here"));
      } catch (error) {
        failed(error);
      }
    },
    [close, failed, open],
  );

  // the look of the map that is there; a map that opens later takes it from `dressed`
  useEffect(() => {
    const shown = map.current;
    if (!shown || archive) return;
    const controller = new AbortController();
    api.style(drawn, controller.signal).then(
      (style) => shown.dress(style),
      (error: unknown) => !controller.signal.aborted && failed(error),
    );
    return () => controller.abort();
  }, [drawn]);

  const openMap = useCallback(async () => {
    setMapState("loading");
    try {
      following.current ??= follow(
        (changed) => {
          map.current?.refresh(changed);
          setTurn((turn) => turn + 1);
        },
        () => map.current?.missed(),
      );
      const [style, facts] = await Promise.all([api.style(dressed.current), api.register(), following.current.ready]);
      setRegister(facts);
      if (!box.current || map.current) return;
      const opened = new ParcelMap(box.current, style, viewInAddress() ? null : (facts.bbox ?? VIETNAM), rememberedLanguage(), {
        picked: (code, lonDeg, latDeg, zoom) => void pick(code, lonDeg, latDeg, zoom),
        lost: () => setLost(true),
        idle: () => {
          setMapState("ready");
          document.documentElement.dataset["map"] = "idle"; // told to whoever drives the page: all tiles are drawn
        },
        moved: () => {
          setNote(null);
          setTurn((turn) => turn + 1);
        },
      });
      map.current = opened;
      opened.showTime(time.current);
      setOpened(opened);
      Object.assign(window, { diachinh: { map: opened.map } }); // the map, for tests and for the curious
      setLost(false);
      if (shown.current) {
        opened.show(shown.current);
        if (!viewInAddress()) opened.goTo(shown.current);
      }
    } catch (error) {
      if (!(error instanceof Refused)) setMapState({ failed: "map.failed" });
      else if (error.status === 0) {
        setLost(true);
        const [first] = await keptPacks();
        if (first && !map.current) void openFile(await fileOf(first), true);
      } else setMapState({ failed: "error.server", status: error.status });
    }
  }, [pick]);

  /** Shows an archive in place of the register: no server is asked. */
  const openFile = useCallback(async (from: string | File, away = false) => {
    setMapState("loading");
    try {
      const opened = await openArchive(from);
      if (!box.current) return;
      map.current?.map.remove();
      following.current?.close();
      setSelection({ kind: "none" });
      setLost(false);
      setArchive(opened);
      setAway(away);
      setKept(null);
      setOpened(null);
      setRegister(null);
      const keeps = (typeof from === "string" || away) && viewInAddress();
      const shown = new ParcelMap(box.current, opened.style, keeps ? null : opened.bounds, rememberedLanguage(), {
        picked: (code, lonDeg, latDeg) => {
          if (opened.parcels) openKept(opened, code);
          else setNote(parcelDrawnAt(shown, lonDeg, latDeg));
        },
        lost: () => setNote(say.current("archive.broken")),
        idle: () => {
          setMapState("ready");
          document.documentElement.dataset["map"] = "idle";
        },
        moved: () => setNote(null),
      });
      map.current = shown;
      const { images } = opened;
      if (images) shown.map.on("style.load", () => void drawImages(shown.map, images));
      Object.assign(window, { diachinh: { map: shown.map } });
      const code = away ? codeInAddress() : null;
      if (code) shown.map.once("idle", () => openKept(opened, code, true));
    } catch (error) {
      setMapState("ready");
      if (error instanceof NoArchive) setNote(say.current("archive.none"));
      else setMapState({ failed: "map.failed" });
    }
  }, []);

  /** Opens a parcel of an archive, null: none; the map goes there where `moves`. */
  const openKept = useCallback((from: Archive, code: string | null, moves = false) => {
    const found = from.parcels?.find(([one]) => one === code) ?? null;
    setKept(found);
    map.current?.show(null);
    if (!found) return;
    const [one, , , , , , lonDeg, latDeg] = found;
    if (moves) map.current?.map.jumpTo({ center: [lonDeg, latDeg], zoom: Math.max(18, map.current.map.getZoom()) });
    map.current?.showDrawn(one);
  }, []);

  const openDropped = useCallback((file: File) => void openFile(file), [openFile]);

  useEffect(() => {
    void keptPacks().then(async (packs) => {
      if (packs.length > 0) await keepPage().catch(() => undefined); // with what is new of it
    });
    if (named) return void openFile(named);
    const code = codeInAddress();
    const hasView = viewInAddress();
    void openMap().then(() => {
      const center = map.current?.map.getCenter().toArray() ?? null;
      if (code) void open(code, hasView ? center : null, false);
    });
    const back = () => {
      const now = codeInAddress();
      if (now) void open(now, null, false);
      else close();
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  // With the texts, not after them: who reloads at once finds the choice kept.
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    rememberLanguage(language);
  }, [language]);

  useEffect(() => {
    map.current?.speak(language);
    map.current?.map.getCanvas().setAttribute("aria-label", texts.say("map.label"));
  }, [language, mapState]);

  useEffect(() => {
    const facts = selection.kind === "parcel" ? selection.parcel.properties : null;
    const { say } = texts;
    document.title = facts
      ? `${say("search.sheetNumber", { sheet: facts.sheet.number, number: facts.number })} · ${say("site.name")}`
      : say("site.name");
  }, [selection, texts]);

  // While the server is away, ask again and again; when it answers, fetch what is missing.
  useEffect(() => {
    if (!lost || archive) return;
    const timer = setInterval(() => {
      api.register().then(
        (facts) => {
          setRegister(facts);
          setLost(false);
          setNote(say.current("error.back"));
          if (map.current) map.current.reload();
          else void openMap();
          const missed = failedCode.current;
          if (missed) void open(missed, null);
        },
        () => undefined,
      );
    }, RETRY_MS);
    return () => clearInterval(timer);
  }, [lost, archive, open, openMap]);

  // while what is kept here is shown because the server is away: it may be back
  const [back, setBack] = useState(false);
  useEffect(() => {
    if (!away || back) return;
    const timer = setInterval(() => void api.register().then(() => setBack(true), () => undefined), RETRY_MS);
    return () => clearInterval(timer);
  }, [away, back]);

  useEffect(() => {
    if (!note) return;
    const timer = setTimeout(() => setNote(null), NOTE_MS);
    return () => clearTimeout(timer);
  }, [note]);

  // with the panel, not after it: who closes it at once is heard
  useLayoutEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && (selection.kind !== "none" || kept)) {
        setKept(null);
        close();
        map.current?.map.getCanvas().focus();
      }
    };
    addEventListener("keydown", escape);
    return () => removeEventListener("keydown", escape);
  }, [close, selection.kind, kept]);

  const showTime = useCallback((asOf: string | null) => {
    if (time.current === asOf) return;
    time.current = asOf;
    showShown({ asOf, ...scanned.current });
    delete document.documentElement.dataset["map"]; // until its tiles are drawn
    map.current?.showTime(asOf);
  }, []);

  const showScans = useCallback((scans: string[], density: number) => {
    scanned.current = { scans, density };
    showShown({ asOf: time.current, ...scanned.current });
  }, []);

  const link = () => shareLink(codeInAddress(), { asOf: time.current, look, ...scanned.current });

  const take = useCallback(
    (picked: (pick: Pick) => void) => {
      close();
      taker.current = picked;
      return () => {
        if (taker.current === picked) taker.current = null;
      };
    },
    [close],
  );
  const choose = useCallback((code: string) => void open(code, null), [open]);
  const goTo = useCallback((lonDeg: number, latDeg: number) => map.current?.map.flyTo({ center: [lonDeg, latDeg], zoom: 18 }), []);

  return (
    <Texts.Provider value={texts}>
      <a class="skip" href="#search" hidden={archive !== null && !archive.parcels}>
        {texts.say("site.skip")}
      </a>
      <Workplace map={opened} take={take} tell={setNote} closed={archive !== null || named !== null} onLanguage={setLanguage}>
        <main class={`page ${selection.kind === "none" && !kept ? "" : "page-open"}`}>
          <header class="desk" hidden={archive !== null && !archive.parcels}>
            <Search
              language={language}
              onLanguage={setLanguage}
              onChoose={(code) => (archive ? openKept(archive, code, true) : choose(code))}
              find={archive?.parcels ? (typed) => findKept(archive.parcels ?? [], typed, texts.say) : undefined}
              onPlace={goTo}
              communeInView={() => map.current?.communeInView() ?? null}
              onFailure={failed}
            />
            <Panel
              selection={selection}
              onClose={close}
              onZoom={(parcel) => map.current?.goTo(parcel)}
              onOpen={choose}
              link={link}
            />
            {kept && (
              <Kept
                parcel={kept}
                onClose={() => {
                  setKept(null);
                  map.current?.show(null);
                }}
              />
            )}
          </header>
          <div class="map" ref={box} />
          <div class="crosshair" aria-hidden="true" />
          {mapState === "loading" && !lost && (
            <p class="opening" role="status">
              <span class="compass" aria-hidden="true" />
              {texts.say("map.loading")}
            </p>
          )}
          {typeof mapState === "object" && (
            <div class="opening" role="alert">
              <p>{texts.say(mapState.failed, "status" in mapState ? { status: mapState.status } : {})}</p>
              {mapState.failed === "error.server" && (
                <button type="button" class="plain" onClick={() => void openMap()}>
                  {texts.say("error.retry")}
                </button>
              )}
            </div>
          )}
          <Controls
            onZoom={(steps) => map.current?.zoomBy(steps)}
            onWhole={() => map.current?.whole(archive?.bounds ?? ((register?.bbox ?? VIETNAM) as Bounds))}
          />
          {(archive ? archive.parcels !== null : !named) && (
            <Tools
              key={archive ? "kept" : "register"}
              kept={archive !== null}
              onOpen={(file) => void openFile(file)}
              map={() => map.current}
              ready={mapState === "ready"}
              link={link}
              code={selection.kind === "parcel" ? selection.parcel.properties.code : null}
              asOf={() => time.current}
              look={look}
              dark={dark}
              onDark={turnDark}
              onNote={setNote}
            />
          )}
          <div class="corner">
            {archive && <KeptTold archive={archive} away={away} back={back} />}
            <OpenArchive onFile={openDropped} />
            {!archive && !named && (
              <Scans
                first={told.scans}
                density={told.density}
                ready={mapState === "ready"}
                onShown={showScans}
                onShow={(scan, shown) => map.current?.showScan(scan, shown)}
                onOpacity={(share) => map.current?.scanOpacity(share)}
                onGoTo={(scan) => map.current?.whole(scan.bounds)}
              />
            )}
            {!archive && !named && <Legend look={look} drawn={drawn} onLook={setLook} />}
          </div>
          {!archive && !named && (
            <Time bounds={() => map.current?.bounds() ?? null} turn={turn} first={told.asOf} onTime={showTime} />
          )}
          <Notice
            text={lost ? texts.say("error.lost") : (note ?? (register?.parcels === 0 ? texts.say("register.empty") : null))}
            urgent={lost}
            {...(note && !lost ? { onClose: () => setNote(null) } : {})}
          />
        </main>
      </Workplace>
    </Texts.Provider>
  );
}
