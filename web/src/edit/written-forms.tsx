/** Hợp thửa and what is written about parcels; addresses by a dropped pin. */
import { useTexts } from "../texts";
import { Field, WrittenFields } from "./fields";
import type { GroundParcel } from "./ground";
import { toldIn, useEditWords } from "./say";
import type { Pin, Unlink, Work, Written } from "./work";

type Change = (to: (work: Work) => Work, at?: string) => void;

export function MergeForm({ work, chosen, onChange }: { work: Work; chosen: readonly GroundParcel[]; onChange: Change }) {
  const { language } = useTexts();
  const say = useEditWords();
  const { area } = toldIn(language);
  const whole = chosen.reduce((sum, parcel) => sum + parcel.areaM2, 0);
  const uses = [...new Set(chosen.map((parcel) => parcel.landUse))];
  return (
    <>
      <p class="edit-hint">{say("merge.hint")}</p>
      {chosen.length > 1 && (
        <p aria-live="polite">
          {say("merge.sum", { n: chosen.length })} <b>{area(whole)}</b>
        </p>
      )}
      {uses.length > 1 && !work.into.land_use && <p class="edit-note">{say("merge.uses", { uses: uses.join(", ") })}</p>}
      <WrittenFields
        fields={["land_use", "number", "legal_area_m2"]}
        of={work.into}
        was={uses.length === 1 ? { land_use: uses[0]! } : {}}
        onChange={(into, field) => onChange((work) => ({ ...work, into: { ...into, ...(work.into.keeps ? { keeps: work.into.keeps } : {}) } }), `into ${field}`)}
      />
      <p class="edit-field edit-field-wide">
        <label for="edit-keeps">{say("merge.keeps")}</label>
        <select
          id="edit-keeps"
          value={work.into.keeps ?? ""}
          onChange={(event) => {
            const { keeps: _, ...into } = work.into;
            const code = event.currentTarget.value;
            onChange((work) => ({ ...work, into: code ? { ...into, keeps: code } : into }));
          }}
        >
          <option value="">{say("merge.new")}</option>
          {chosen.map((parcel) => (
            <option key={parcel.code} value={parcel.code}>
              {say("parcel.short", { sheet: parcel.sheet, number: parcel.number })} · {parcel.code}
            </option>
          ))}
        </select>
      </p>
    </>
  );
}

export function AttributesForm({ work, chosen, onChange }: { work: Work; chosen: readonly GroundParcel[]; onChange: Change }) {
  const say = useEditWords();
  return (
    <>
      <p class="edit-hint">{say("attributes.hint")}</p>
      {chosen.map((parcel) => (
        <fieldset key={parcel.code}>
          <legend>{say("parcel.short", { sheet: parcel.sheet, number: parcel.number })}</legend>
          <WrittenFields
            fields={["number", "land_use", "legal_area_m2", "address"]}
            of={work.rewritten[parcel.code] ?? {}}
            was={wasOf(parcel)}
            onChange={(of, field) =>
              onChange((work) => {
                const { [parcel.code]: _, ...others } = work.rewritten;
                return { ...work, rewritten: Object.keys(of).length ? { ...others, [parcel.code]: of } : others };
              }, `${parcel.code} ${field}`)
            }
          />
        </fieldset>
      ))}
    </>
  );
}

function wasOf(parcel: GroundParcel): Written {
  return {
    number: parcel.number,
    land_use: parcel.landUse,
    ...(parcel.legalAreaM2 === null ? {} : { legal_area_m2: String(parcel.legalAreaM2) }),
    ...(parcel.address ? { address: parcel.address } : {}),
  };
}

export function AddressForm({ work, chosen, onChange, onCentre }: { work: Work; chosen: readonly GroundParcel[]; onChange: Change; onCentre: () => void }) {
  const say = useEditWords();
  const name = (code: string) => {
    const parcel = chosen.find((one) => one.code === code);
    return parcel ? say("parcel.short", { sheet: parcel.sheet, number: parcel.number }) : code;
  };
  const put = (k: number, pin: Partial<Pin>, field: string) =>
    onChange((work) => ({ ...work, pins: work.pins.map((one, j) => (j === k ? { ...one, ...pin } : one)) }), `pin ${k} ${field}`);
  return (
    <>
      <p class="edit-hint">{say("address.hint")}</p>
      <button type="button" class="plain" onClick={onCentre}>
        {say("address.centre")}
      </button>
      {chosen.some((parcel) => parcel.addresses.length) && (
        <fieldset>
          <legend>{say("address.linked")}</legend>
          {chosen.flatMap((parcel) =>
            parcel.addresses.map(({ scheme, code, text, main }) => {
              const isIt = (one: Unlink) => one.parcel === parcel.code && one.scheme === scheme && (text === null ? one.code === code : one.text === text);
              return (
                <label key={`${parcel.code} ${scheme} ${code} ${text}`} class="edit-check">
                  <input
                    type="checkbox"
                    checked={!work.unlinks.some(isIt)}
                    onChange={(event) => {
                      const { checked } = event.currentTarget;
                      onChange((work) => ({
                        ...work,
                        unlinks: checked ? work.unlinks.filter((one) => !isIt(one)) : [...work.unlinks, { parcel: parcel.code, scheme, code, text }],
                      }));
                    }}
                  />
                  <span>
                    {text ?? code}
                    {main && ` (${say("address.mainNow")})`}
                    {chosen.length > 1 && ` · ${name(parcel.code)}`}
                  </span>
                </label>
              );
            }),
          )}
          <p class="edit-hint">{say("address.unlinkHint")}</p>
        </fieldset>
      )}
      {work.pins.map((pin, k) => (
        <fieldset key={k}>
          <legend>{say("address.pin", { n: k + 1, parcel: name(pin.parcel) })}</legend>
          <Field label={say("address.text")} name="address" wide value={pin.text} onValue={(text) => put(k, { text }, "text")} />
          {pin.code && (
            <label class="edit-check">
              <input type="checkbox" checked={pin.withCode} onChange={(event) => put(k, { withCode: event.currentTarget.checked }, "code")} />
              <span>
                {say("address.withCode")} <code>{pin.code}</code>
              </span>
            </label>
          )}
          <label class="edit-check">
            <input type="checkbox" checked={pin.main} onChange={(event) => put(k, { main: event.currentTarget.checked }, "main")} />
            <span>{say("address.main")}</span>
          </label>
          <button type="button" class="plain" onClick={() => onChange((work) => ({ ...work, pins: work.pins.filter((_, j) => j !== k) }))}>
            {say("address.remove")}
          </button>
        </fieldset>
      ))}
    </>
  );
}
