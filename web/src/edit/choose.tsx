/** Which parcels are in hand: clicked on the map, or typed by sheet and number or by code. */
import { useState } from "preact/hooks";
import * as api from "../api";
import type { Ground } from "./use-ground";
import { toldIn, useEditWords } from "./say";
import { useTexts } from "../texts";
import { parcelOf } from "./ground";
import { Refused, sentenceOf } from "../client/ask";

const SHEET_NUMBER = /^\s*(?:tờ\s+)?(\S+?)\s*(?:\/|,?\s+thửa\s+)\s*(\S+)\s*$/i;

export function Choose(props: { codes: readonly string[]; ground: Ground; commune: () => string | null; onCodes: (codes: string[]) => void; onGoTo: (code: string) => void }) {
  const { codes, ground, onCodes } = props;
  const { language } = useTexts();
  const say = useEditWords();
  const { area } = toldIn(language);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const add = async () => {
    const asked = text.trim();
    if (!asked || busy) return;
    setBusy(true);
    setWrong(null);
    try {
      const pair = SHEET_NUMBER.exec(asked);
      let code: string | undefined;
      if (pair) {
        const { features } = await api.parcelsOnSheet(pair[1]!, pair[2]!, null);
        const current = features.filter((one) => one.properties.status === "current");
        const here = props.commune();
        const own = current.length > 1 ? current.filter((one) => one.properties.commune.code === here) : current;
        if (own.length !== 1) return setWrong(say(current.length > 1 ? "choose.several" : "choose.none", { asked }));
        code = own[0]!.properties.code;
      } else {
        code = (await parcelOf(asked))?.code;
        if (!code) return setWrong(say("choose.ended", { asked }));
      }
      setText("");
      onCodes([...codes.filter((one) => one !== code), code]);
      props.onGoTo(code);
    } catch (error) {
      setWrong(error instanceof Refused ? (error.own(language) ?? say("choose.none", { asked })) : sentenceOf(error, language));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class="edit-choose">
      <form
        class="edit-typed"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <label for="edit-parcel">{say("choose.title")}</label>
        <div>
          <input
            id="edit-parcel"
            autocomplete="off"
            spellcheck={false}
            placeholder={say("choose.hint")}
            aria-describedby="edit-parcel-wrong"
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setWrong(null);
            }}
          />
          <button type="submit" class="plain">
            {say("choose.add")}
          </button>
        </div>
        <p id="edit-parcel-wrong" class="wrong" role="alert">
          {wrong ?? ground.wrong}
        </p>
      </form>
      {codes.length > 0 ? (
        <ul class="edit-chosen">
          {codes.map((code) => {
            const parcel = ground.chosen.find((one) => one.code === code);
            return (
              <li key={code} data-chosen={code}>
                <button type="button" class="edit-link" onClick={() => props.onGoTo(code)}>
                  {parcel ? say("parcel.short", { sheet: parcel.sheet, number: parcel.number }) : code}
                </button>
                <small>{parcel ? `${parcel.landUse} · ${area(parcel.areaM2)}` : say(ground.ended.includes(code) ? "choose.isEnded" : "choose.reading")}</small>
                <button type="button" class="quiet" aria-label={say("choose.remove", { code: parcel?.number ?? code })} onClick={() => onCodes(codes.filter((one) => one !== code))}>
                  ×
                </button>
              </li>
            );
          })}
        </ul>
      ) : (
        <p class="edit-hint">{say("choose.how")}</p>
      )}
    </div>
  );
}
