/** Files to hand in: dragged or chosen, sent in pieces, kept on this device until the server has them all. */
import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort, sentenceOf } from "../../client/ask";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { meridian, ZONES_3_DEG } from "../../vn2000";
import { useWords } from "../../words";
import { size } from "./figures";
import { NOTHING_SAID, sumOf, type HandIn as Kept, type Kept as Store, type Said, type WaitingFile } from "./kept";
import en from "./texts/en.json";
import { upload, withdraw } from "./upload";
import vi from "./texts/vi.json";

interface Progress {
  sent: number;
  waits: boolean;
}

const SCALES = ["200", "500", "1000", "2000", "5000", "10000"];

/** `onSent`: the key of the survey made of the files. */
export function HandIn(props: { session: Session; store: Store; onSent: (key: string) => void }) {
  const { session, store, onSent } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [files, setFiles] = useState<WaitingFile[]>([]);
  const [said, setSaid] = useState<Said>(NOTHING_SAID);
  const [progress, setProgress] = useState<Record<number, Progress>>({});
  const [sending, setSending] = useState<AbortController | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const [ready, setReady] = useState(false);
  const [communes, setCommunes] = useState<{ code: string; name: string }[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const stop = useRef<AbortController | null>(null);

  useEffect(() => {
    void store.handIn().then((kept: Kept) => {
      // what was chosen or typed before this was read stays
      setFiles((had) => [...kept.files, ...had]);
      const only = session.me?.communes?.length === 1 ? session.me.communes[0]!.code : "";
      setSaid((had) => {
        const typed = Object.fromEntries(Object.entries(had).filter(([, text]) => text !== ""));
        return { ...kept.said, commune: kept.said.commune || only, ...typed };
      });
      setReady(true);
    });
    if (session.me?.communes) setCommunes(session.me.communes);
    else
      void session.ask("GET /api/v1/register", {}).then(
        (register) => setCommunes(register.communes.map(({ code, kind, name }) => ({ code, name: `${kind} ${name}` }))),
        () => undefined, // the code can be typed
      );
    return () => stop.current?.abort();
  }, []);

  useEffect(() => {
    if (ready) void store.keep({ files, said });
  }, [files, said, ready]);

  // dropped anywhere on the page
  useEffect(() => {
    const holds = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const drag = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      event.stopPropagation();
      setOver(event.type !== "dragleave" || event.relatedTarget !== null);
    };
    const drop = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      event.stopPropagation();
      setOver(false);
      add([...(event.dataTransfer?.files ?? [])]);
    };
    for (const kind of ["dragover", "dragleave"] as const) addEventListener(kind, drag, true);
    addEventListener("drop", drop, true);
    return () => {
      for (const kind of ["dragover", "dragleave"] as const) removeEventListener(kind, drag, true);
      removeEventListener("drop", drop, true);
    };
  }, []);

  const add = (more: File[]) => {
    setWrong(null);
    setFiles((had) => {
      const known = new Set(had.map(({ file }) => `${file.name}\n${file.size}\n${file.lastModified}`));
      return [...had, ...more.filter((file) => !known.has(`${file.name}\n${file.size}\n${file.lastModified}`)).map((file) => ({ file, key: null }))];
    });
  };
  const remove = (index: number) => {
    const key = files[index]?.key;
    if (key) void withdraw(session, key);
    setFiles(files.filter((_, other) => other !== index));
    setProgress({});
  };
  const tell = (index: number, told: Partial<Progress>) =>
    setProgress((all) => ({ ...all, [index]: { sent: 0, waits: false, ...all[index], ...told } }));

  const send = async () => {
    const controller = (stop.current = new AbortController());
    setSending(controller);
    setWrong(null);
    try {
      const keys: string[] = [];
      for (const [index, { file, key }] of files.entries()) {
        const done = await upload(
          session,
          file,
          key,
          {
            begun: (given) => setFiles((had) => had.map((one, other) => (other === index ? { ...one, key: given } : one))),
            sent: (sent) => tell(index, { sent }),
            waits: (waits) => tell(index, { waits }),
          },
          controller.signal,
        );
        keys.push(done);
      }
      const sums: Record<string, string> = {};
      for (const { file } of files) {
        const sum = await sumOf(file);
        if (sum) sums[file.name] = sum;
      }
      const survey = await session.ask("POST /api/v1/surveys", {
        body: {
          uploads: keys,
          ...(said.commune ? { commune: said.commune } : {}),
          ...(said.sheet.trim() ? { sheet: said.sheet.trim() } : {}),
          ...(said.scale ? { scale: Number(said.scale) } : {}),
          ...(said.dossier.trim() ? { dossier: said.dossier.trim() } : {}),
          ...(said.crs ? { crs: Number(said.crs) } : {}),
          ...(said.axes ? { axes: said.axes as "east_north" } : {}),
          ...(said.replaces ? { replaces: "sheet" as const } : {}),
        },
        signal: controller.signal,
      });
      await store.receipt({ key: survey.id, names: files.map(({ file }) => file.name), sentAt: new Date().toISOString(), sums });
      setReady(false);
      await store.sent();
      onSent(survey.id);
    } catch (error) {
      if (!isAbort(error)) setWrong(sentenceOf(error, language));
    } finally {
      setSending(null);
    }
  };

  const field = (name: keyof Said) => ({
    value: said[name],
    disabled: sending !== null,
    onInput: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setSaid((had) => ({ ...had, [name]: value }));
    },
  });

  return (
    <section aria-labelledby="hand-in-title">
      <h2 id="hand-in-title">{say("handIn")}</h2>
      <div class={`drop ${over ? "drop-over" : ""}`}>
        <p>{say("dropHere")}</p>
        <button type="button" class="plain" disabled={sending !== null} onClick={() => picker.current?.click()}>
          {say("choose")}
        </button>
        <small>{say("formats")}</small>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label={say("choose")}
          onChange={(event) => {
            add([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
      </div>
      {files.length > 0 && (
        <ul class="files" aria-label={say("files")}>
          {files.map(({ file, key }, index) => {
            const told = progress[index];
            const share = file.size ? (told?.sent ?? 0) / file.size : 0;
            return (
              <li key={`${file.name}${file.lastModified}${index}`}>
                <b>{file.name}</b>
                <span>{size(file.size, language)}</span>
                {!sending && (
                  <button type="button" class="quiet" aria-label={say("removeFile", { name: file.name })} onClick={() => remove(index)}>
                    ×
                  </button>
                )}
                {(sending || key) && <progress max={1} value={share} aria-label={say("progressOf", { name: file.name })} />}
                {told?.waits && <em>{say("waits")}</em>}
                {!sending && key && share < 1 && <em>{say("resumes")}</em>}
              </li>
            );
          })}
        </ul>
      )}
      <div class="fields">
        <label>
          {say("commune")}
          {communes.length > 0 ? (
            <select {...field("commune")}>
              <option value="">{say("foundInFile")}</option>
              {communes.map(({ code, name }) => (
                <option key={code} value={code}>
                  {name}
                </option>
              ))}
            </select>
          ) : (
            <input type="text" inputMode="numeric" maxLength={5} placeholder={say("foundInFile")} {...field("commune")} />
          )}
        </label>
        <label>
          {say("sheet")}
          <input type="text" maxLength={32} {...field("sheet")} />
        </label>
        <label>
          {say("scale")}
          <select {...field("scale")}>
            <option value="">{say("foundInFile")}</option>
            {SCALES.map((scale) => (
              <option key={scale} value={scale}>
                1:{scale}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say("dossier")}
          <input type="text" maxLength={64} {...field("dossier")} />
        </label>
      </div>
      <details class="more">
        <summary>{say("moreOptions")}</summary>
        <div class="fields">
          <label>
            {say("crs")}
            <select {...field("crs")}>
              <option value="">{say("foundInFile")}</option>
              {ZONES_3_DEG.map((epsg) => (
                <option key={epsg} value={String(epsg)}>
                  {say("meridian", { meridian: meridian(epsg) })}
                </option>
              ))}
            </select>
          </label>
          <label>
            {say("axes")}
            <select {...field("axes")}>
              <option value="">{say("foundInFile")}</option>
              <option value="north_east">{say("northEast")}</option>
              <option value="east_north">{say("eastNorth")}</option>
            </select>
          </label>
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={said.replaces === "sheet"}
            disabled={sending !== null}
            onChange={(event) => setSaid({ ...said, replaces: event.currentTarget.checked ? "sheet" : "" })}
          />
          {say("replaces")}
        </label>
      </details>
      <p class="wrong" role="alert">
        {wrong}
      </p>
      <div class="buttons">
        {sending && (
          <button type="button" class="plain" onClick={() => sending.abort()}>
            {say("pause")}
          </button>
        )}
        <button type="button" class="plain primary" disabled={files.length === 0 || sending !== null} onClick={() => void send()}>
          {sending ? say("sending") : say("send")}
        </button>
      </div>
    </section>
  );
}
