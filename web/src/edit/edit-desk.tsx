/** The editor's desk (chỉnh lý): parcels are split, merged, moved, described and addressed as an intent; the server says what that
 * will do; an approver decides. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import * as api from "../api";
import { sentenceOf } from "../client/ask";
import { inAddress } from "../desks/address";
import type { DeskProps } from "../desks/desk";
import { layersOn, type DeskLayers } from "../desks/layers";
import { BoundaryForm, cornersOf, placeOf } from "./boundary-form";
import { Choose } from "./choose";
import { ConflictView } from "./conflict-view";
import { Field } from "./fields";
import { useHand } from "./hand";
import { InProgress } from "./in-progress";
import { asked } from "./intents";
import { locationCode } from "./olc";
import { between, distance, same } from "../plane";
import { PreviewView } from "./preview-view";
import { Readout } from "./readout";
import { toldIn, useEditWords } from "./say";
import { Shortcuts, useKeys, type Command } from "./shortcuts";
import { LAYERS, sketch, withoutLabels } from "./sketch";
import { SplitForm } from "./split-form";
import { SurveyPoints } from "./survey-points";
import { useGround } from "./use-ground";
import { useParts } from "./use-parts";
import { usePointer } from "./use-pointer";
import { toDegrees, type Place, type Point } from "../vn2000";
import { closed, inserted, moved, pointsDrawn, reshaped, TASKS, withPoint, type Boundary, type Split, type Task } from "./work";
import { AddressForm, AttributesForm, MergeForm } from "./written-forms";
import "./edit.css";

const GRAB_PX = 14;

export default function EditDesk({ map, session, drafts, language, take, tell }: DeskProps) {
  const say = useEditWords();
  const hand = useHand(session, drafts, language);
  const { work, change } = hand;
  const ground = useGround(work.codes, map, language);
  const [snapping, setSnapping] = useState(true);
  const [corner, setCorner] = useState<Point | null>(null);
  const [looking, setLooking] = useState(false); // the preview is drawn, not what is in hand
  const [help, setHelp] = useState(false);
  const [sent, setSent] = useState(false);
  const layers = useRef<DeskLayers | null>(null);
  const told = useMemo(() => toldIn(language), [language]);
  const { epsg } = ground;
  const parcel = ground.chosen[0];
  const { split } = work;

  const { parts, cut } = useParts(work, parcel);
  // the shapes of what is in hand, to snap to and to take corners from
  const around = useMemo(
    () => ({
      parcels: work.task === "boundary" ? ground.around.map((one) => ({ rings: reshaped(one.rings, work.boundary) })) : ground.around,
      own: work.task === "boundary" ? ground.chosen.map((one) => ({ rings: reshaped(one.rings, work.boundary) })) : ground.chosen,
      survey: work.survey,
    }),
    [ground.around, ground.chosen, work.task, work.boundary, work.survey],
  );
  const draws = work.task === "split" && split.way !== "area" && parcel !== undefined;
  const drawn = draws ? pointsDrawn(split) : corner ? [corner] : [];
  const last = drawn.at(-1) ?? null;
  const setSplit = useCallback((to: (split: Split) => Split, at?: string) => change((work) => ({ ...work, split: to(work.split) }), at), [change]);
  const setBoundary = useCallback((to: (boundary: Boundary) => Boundary, at?: string) => change((work) => ({ ...work, boundary: to(work.boundary) }), at), [change]);

  const drag = useRef(0); // one dragged to its place is one step, also where it was put in for that
  /** The corner near a place, by where it stands in the register; the middle of an edge becomes one. */
  const grab = (near: Point, withinM: number): Point | null => {
    const { boundary } = work;
    const close = cornersOf(ground.chosen, boundary).find((p) => distance(placeOf(p, boundary), near) <= withinM);
    if (close) {
      drag.current += 1;
      return close;
    }
    for (const ring of ground.chosen.flatMap((one) => reshaped(one.rings, boundary))) {
      for (const [k, a] of ring.entries()) {
        const b = ring[(k + 1) % ring.length]!;
        const middle = between(a, b, 0.5);
        const still = !boundary.moves.some((move) => same(move.to, a) || same(move.to, b));
        if (still && distance(middle, near) <= withinM * 0.7) {
          const at: Point = [Math.round(middle[0] * 1000) / 1000, Math.round(middle[1] * 1000) / 1000];
          drag.current += 1;
          setBoundary((boundary) => inserted(boundary, at), `drag ${drag.current}`);
          return at;
        }
      }
    }
    return null;
  };
  const pointer = usePointer({
    map,
    epsg,
    around,
    drawn,
    snapping,
    follows: draws || corner !== null,
    grab: work.task === "boundary" ? grab : null,
    placeOf: (corner) => placeOf(corner, work.boundary),
    dropped: (from, to) => setBoundary((boundary) => moved(boundary, from, to), `drag ${drag.current}`),
  });

  const choose = useCallback(
    (codes: string[]) =>
      change((work) => ({
        ...work,
        codes,
        rewritten: Object.fromEntries(Object.entries(work.rewritten).filter(([code]) => codes.includes(code))),
      })),
    [change],
  );
  const goTo = useCallback((code: string) => void (wanted.current = code), []);
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    const found = ground.chosen.find((one) => one.code === wanted.current);
    if (!found || !map) return;
    wanted.current = null;
    const places = found.rings.flat().map((p) => toDegrees(found.epsg, p));
    const [lons, lats] = [places.map((p) => p[0]), places.map((p) => p[1])];
    const { clientWidth, clientHeight } = map.map.getContainer();
    const free = Math.min(90, Math.min(clientWidth, clientHeight) * 0.18);
    const padding = clientHeight < 360 ? { top: 66, bottom: 24, left: 30, right: 60 } : free; // on a phone the readout is on top
    map.map.fitBounds([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], { padding, maxZoom: 20.5, duration: 400 });
  });

  const pin = (place: Place, code: string) =>
    change((work) => ({
      ...work,
      codes: work.codes.includes(code) ? work.codes : [...work.codes, code],
      pins: [...work.pins, { parcel: code, at: place, code: locationCode(place), withCode: false, text: "", main: work.pins.every((one) => one.parcel !== code) }],
    }));

  const pinAtCentre = async () => {
    if (!map) return;
    const [lonDeg, latDeg] = map.map.getCenter().toArray();
    try {
      const [under] = (await api.parcelsAt(lonDeg, latDeg)).features;
      if (under) pin([lonDeg, latDeg], under.properties.code);
      else tell(say("choose.nothing"));
    } catch (error) {
      tell(sentenceOf(error, language));
    }
  };
  const pick = useRef<Parameters<typeof take>[0]>(() => undefined);
  pick.current = ({ code, lonDeg, latDeg }) => {
    setSent(false);
    setLooking(false);
    if (work.task === "address") return code ? pin([lonDeg, latDeg], code) : tell(say("choose.nothing"));
    if (draws) {
      const pointed = pointer.pointAt(lonDeg, latDeg);
      if (!pointed) return;
      if (split.way === "lines" && split.open && same(split.lines.at(-1)!.at(-1)!, pointed.at)) return setSplit(closed); // clicked twice
      return setSplit((split) => withPoint(split, pointed.at));
    }
    if (work.task === "boundary" && parcel) {
      const pointed = pointer.pointAt(lonDeg, latDeg);
      if (!pointed || epsg === null) return;
      const near = cornersOf(ground.chosen, work.boundary).find((p) => distance(placeOf(p, work.boundary), pointed.at) <= GRAB_PX * pointer.metresPerPixel);
      if (corner && !(near && same(near, corner))) {
        setBoundary((boundary) => moved(boundary, corner, pointed.at));
        return setCorner(null);
      }
      return setCorner(near && !corner ? near : null);
    }
    if (!code) return tell(say("choose.nothing"));
    if (work.task === "split" && parcel) return;
    choose(work.codes.includes(code) ? work.codes.filter((one) => one !== code) : [...work.codes, code]);
  };
  useEffect(() => take((picked) => pick.current(picked)), [take]);

  // what was in hand when the tab closed is in hand again
  const resumed = useRef(false);
  useEffect(() => {
    if (resumed.current || !hand.local.length) return;
    resumed.current = true;
    if (work.task === null && !work.codes.length && !inAddress("correction")) void hand.open(hand.local[0]!.value);
  }, [hand.local]);
  useEffect(() => {
    const key = inAddress("correction");
    if (key) void hand.openServer(key).then((opened) => !opened && tell(say("waiting.other")));
  }, []);
  useEffect(() => {
    wanted.current ??= work.codes[0] ?? null;
  }, [hand.kept.once]);

  useEffect(() => {
    if (!map) return;
    const made = (layers.current = layersOn(map.map, "edit", LAYERS));
    return () => made.remove();
  }, [map]);
  const codes = work.codes.join(" ");
  useEffect(() => (map && codes ? withoutLabels(map.map, codes.split(" ")) : undefined), [map, codes]);
  const shown = looking && hand.fresh ? hand.answer : null;
  const drawing = pointer.dragged ?? corner;
  useEffect(() => {
    if (epsg === null) return layers.current?.set([]);
    layers.current?.set(
      sketch({
        work: pointer.dragged && pointer.pointed ? { ...work, boundary: moved(work.boundary, pointer.dragged, pointer.pointed.at) } : work,
        chosen: ground.chosen,
        around: ground.around,
        epsg,
        parts,
        cut,
        pointed: shown ? null : pointer.pointed,
        last: draws && (split.way === "ring" || split.open) ? last : null,
        corner: drawing,
        survey: work.survey,
        answer: shown,
        metresPerPixel: pointer.metresPerPixel,
        told,
      }),
    );
  }, [work, ground.chosen, ground.around, epsg, parts, cut, pointer.pointed, pointer.dragged, pointer.metresPerPixel, drawing, shown, told]);

  const inConflict = hand.conflicts.length > 0;
  useEffect(() => {
    if (inConflict) document.querySelector(".edit-conflict")?.scrollIntoView({ block: "start" });
  }, [inConflict]);

  const setTask = (task: Task | null) => {
    setCorner(null);
    setSent(false);
    setLooking(false);
    change((work) => ({ ...work, task, codes: task === "split" || task === "boundary" ? work.codes.slice(0, task === "split" ? 1 : 500) : work.codes }));
  };
  const preview = async () => {
    await hand.preview();
    setLooking(true);
    ground.again();
    document.querySelector(".edit-preview, .edit-conflict")?.scrollIntoView({ block: "start" });
  };
  const submit = async () => {
    if (!hand.answer || !hand.fresh || hand.answer.stops || hand.conflicts.length || hand.busy) return;
    if (await hand.submit()) {
      setSent(true);
      setCorner(null);
    } else ground.again();
  };
  const step = (by: number) => {
    const corners = cornersOf(ground.chosen, work.boundary);
    if (!corners.length) return;
    const k = corner ? corners.findIndex((p) => same(p, corner)) : by > 0 ? -1 : 0;
    setCorner(corners[(k + by + corners.length) % corners.length]!);
  };
  const takeBack = () => {
    if (work.task !== "split") return hand.undo();
    setSplit((split) => {
      if (split.way === "ring") return { ...split, ring: split.ring.slice(0, -1) };
      const line = split.lines.at(-1);
      if (!line) return split;
      const lines = line.length > 1 ? [...split.lines.slice(0, -1), line.slice(0, -1)] : split.lines.slice(0, -1);
      return { ...split, lines, open: line.length > 1 };
    });
  };
  const missing = asked(work);
  useKeys((command: Command) => {
    switch (command) {
      case "undo":
        return hand.undo();
      case "redo":
        return hand.redo();
      case "preview":
        return typeof missing === "string" ? tell(say(missing)) : void preview();
      case "submit":
        return void submit();
      case "end":
        return work.task === "split" ? setSplit(closed) : setCorner(null);
      case "takeBack":
        return takeBack();
      case "typed":
        return document.getElementById("edit-typed")?.focus();
      case "parcel":
        return document.getElementById("edit-parcel")?.focus();
      case "snapping":
        return setSnapping((on) => !on);
      case "next":
        return step(1);
      case "previous":
        return step(-1);
      case "help":
        return setHelp(true);
      default:
        return setTask(command);
    }
  });

  return (
    <div class="workdesk-body edit">
      <header class="edit-head">
        <h2>{say("title")}</h2>
        <div class="edit-steps">
          <button type="button" class="quiet" disabled={!hand.can.undo} onClick={hand.undo} aria-label={say("keys.undo")} title={`${say("keys.undo")} (Ctrl Z)`}>
            ↶
          </button>
          <button type="button" class="quiet" disabled={!hand.can.redo} onClick={hand.redo} aria-label={say("keys.redo")} title={`${say("keys.redo")} (Ctrl Y)`}>
            ↷
          </button>
          <button type="button" class="quiet" onClick={() => setHelp(true)} aria-label={say("keys.help")} title={`${say("keys.help")} (?)`}>
            ?
          </button>
        </div>
      </header>
      {sent && (
        <p class="edit-fine" role="status">
          {say("sent")}
        </p>
      )}
      <Choose codes={work.codes} ground={ground} commune={() => map?.communeInView() ?? null} onCodes={choose} onGoTo={goTo} />
      <div class="edit-tasks" role="group" aria-label={say("tasks")}>
        {TASKS.map((task) => (
          <button key={task} type="button" class="plain" aria-pressed={work.task === task} onClick={() => setTask(work.task === task ? null : task)}>
            {say(`task.${task}`)}
          </button>
        ))}
      </div>
      {work.task === null && <InProgress hand={hand} session={session} />}
      {work.task !== null && (
        <section class="edit-task" aria-label={say(`task.${work.task}`)}>
          {work.task === "split" && (parcel ? <SplitForm split={split} parcel={parcel} parts={parts} onChange={setSplit} /> : <p class="edit-hint">{say("missing.parcel")}</p>)}
          {work.task === "merge" && <MergeForm work={work} chosen={ground.chosen} onChange={change} />}
          {work.task === "boundary" && (
            <BoundaryForm boundary={work.boundary} chosen={ground.chosen} around={ground.around} corner={corner} onCorner={setCorner} onChange={setBoundary} />
          )}
          {work.task === "attributes" && <AttributesForm work={work} chosen={ground.chosen} onChange={change} />}
          {work.task === "address" && (
            <AddressForm
              work={work}
              chosen={ground.chosen}
              onChange={change}
              onCentre={() => void pinAtCentre()}
            />
          )}
          {(work.task === "split" || work.task === "boundary") && (
            <SurveyPoints survey={work.survey} snapping={snapping} onSnapping={setSnapping} onSurvey={(survey) => change((work) => ({ ...work, survey }))} />
          )}
          <details class="edit-more">
            <summary>{say("said.title")}</summary>
            <div class="edit-written">
              <Field wide label={say("said.reason")} name="reason" value={work.reason} onValue={(reason) => change((work) => ({ ...work, reason }), "reason")} />
              <Field wide label={say("said.basis")} name="basis" value={work.basis} onValue={(basis) => change((work) => ({ ...work, basis }), "basis")} />
              <Field label={say("said.dossier")} name="dossier" value={work.dossier} onValue={(dossier) => change((work) => ({ ...work, dossier }), "dossier")} />
              <Field label={say("said.effectiveOn")} name="effective_on" kind="date" value={work.effectiveOn} onValue={(effectiveOn) => change((work) => ({ ...work, effectiveOn }), "day")} />
            </div>
          </details>
        </section>
      )}
      {hand.conflicts.length > 0 && (
        <ConflictView
          conflicts={hand.conflicts}
          busy={hand.busy}
          onRebase={(resolve) => void hand.rebase(resolve).then(ground.again)}
          onWithdraw={() => void hand.withdraw()}
        />
      )}
      {hand.answer && work.task !== null && (
        <PreviewView
          answer={hand.answer}
          fresh={hand.fresh}
          looking={looking}
          onLook={setLooking}
          onReturned={(place) => map?.map.easeTo({ center: place, zoom: Math.max(19, map.map.getZoom()) })}
          onPlace={({ x, y }) => epsg !== null && map?.map.easeTo({ center: toDegrees(epsg, [x!, y!]), zoom: Math.max(19, map.map.getZoom()) })}
        />
      )}
      {work.task !== null && (
        <footer class="edit-foot">
          <p class="wrong" role="alert">
            {hand.wrong && !hand.conflicts.length ? (hand.wrong.lost ? `${hand.wrong.sentence} ${say("kept")}` : hand.wrong.sentence) : null}
          </p>
          {typeof missing === "string" && <p class="edit-hint">{say(missing)}</p>}
          <div class="edit-actions">
            <button type="button" class={`plain ${hand.fresh ? "" : "primary"}`} disabled={hand.busy || typeof missing === "string"} onClick={() => void preview()}>
              {say(hand.busy ? "working" : hand.answer && !hand.fresh ? "previewAgain" : "preview")}
            </button>
            <button
              type="button"
              class={`plain ${hand.fresh ? "primary" : ""}`}
              disabled={hand.busy || !hand.fresh || Boolean(hand.answer?.stops) || hand.conflicts.length > 0 || hand.answer?.state === "submitted"}
              onClick={() => void submit()}
            >
              {say("submit")}
            </button>
            <button type="button" class="plain" disabled={hand.busy} onClick={() => void hand.withdraw()}>
              {say(hand.kept.key ? "withdraw" : "discard")}
            </button>
          </div>
        </footer>
      )}
      {epsg !== null && (draws || work.task === "boundary") && <Readout pointed={pointer.pointed} from={pointer.dragged ?? last} epsg={epsg} />}
      {help && <Shortcuts onClose={() => setHelp(false)} />}
    </div>
  );
}
