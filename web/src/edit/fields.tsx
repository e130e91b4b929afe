/** Fields of the editor's forms: what is typed instead of drawn, what is written about a parcel. */
import { useId, useRef, useState } from "preact/hooks";
import { useEditWords, type EditKey } from "./say";
import { pointTyped } from "./typed";
import type { Point } from "../vn2000";
import type { Written } from "./work";

export function Field(props: { label: string; value: string; onValue: (value: string) => void; kind?: "decimal" | "date"; hint?: string; name?: string; wide?: boolean }) {
  const id = useId();
  return (
    <p class={`edit-field ${props.wide ? "edit-field-wide" : ""}`}>
      <label for={id}>{props.label}</label>
      {props.kind === "date" ? (
        <input id={id} name={props.name} type="date" value={props.value} onInput={(event) => props.onValue(event.currentTarget.value)} />
      ) : (
        <input
          id={id}
          name={props.name}
          inputMode={props.kind ?? "text"}
          autocomplete="off"
          spellcheck={false}
          placeholder={props.hint}
          value={props.value}
          onInput={(event) => props.onValue(event.currentTarget.value)}
        />
      )}
    </p>
  );
}

/** One line for a point: `X; Y`, a step, or a length and a bearing; Enter takes it, an empty Enter ends what is drawn. */
export function TypedPoint(props: { id?: string; label: EditKey; does?: EditKey; last: Point | null; onPoint: (point: Point) => void; onEnd?: () => void }) {
  const say = useEditWords();
  const own = useId();
  const id = props.id ?? own;
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  return (
    <form
      class="edit-typed"
      onSubmit={(event) => {
        event.preventDefault();
        if (!text.trim()) return props.onEnd?.();
        const found = pointTyped(text, props.last);
        if ("refused" in found) return setWrong(say(found.refused));
        props.onPoint(found);
        setText("");
        setWrong(null);
        input.current?.focus();
      }}
    >
      <label for={id}>{say(props.label)}</label>
      <div>
        <input
          id={id}
          ref={input}
          inputMode="text"
          autocomplete="off"
          spellcheck={false}
          placeholder={say("typed.hint")}
          aria-describedby={`${id}-wrong`}
          aria-invalid={wrong ? true : undefined}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setWrong(null);
          }}
        />
        <button type="submit" class="plain">
          {say(props.does ?? "typed.add")}
        </button>
      </div>
      <p id={`${id}-wrong`} class="wrong" role="alert">
        {wrong}
      </p>
    </form>
  );
}

/** What is written about a parcel: only what is filled in is said. */
export function WrittenFields(props: { of: Written; was?: Written; onChange: (of: Written, field: string) => void; fields: readonly (keyof Written)[] }) {
  const say = useEditWords();
  const change = (field: keyof Written) => (value: string) => {
    const { [field]: _, ...others } = props.of;
    props.onChange(value ? { ...others, [field]: value } : others, field);
  };
  return (
    <div class="edit-written">
      {props.fields.map((field) => (
        <Field
          key={field}
          name={field}
          label={say(`written.${field}`)}
          value={props.of[field] ?? ""}
          onValue={change(field)}
          wide={field === "address"}
          {...(props.was?.[field] ? { hint: props.was[field] } : {})}
          {...(field === "legal_area_m2" ? { kind: "decimal" as const } : {})}
        />
      ))}
    </div>
  );
}
