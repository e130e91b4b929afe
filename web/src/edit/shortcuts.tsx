/** The desk's keys, one table for those who press them and those who ask with `?`. */
import { useEffect, useRef } from "preact/hooks";
import { useEditWords, type EditKey } from "./say";
import type { Task } from "./work";

export type Command =
  | Task
  | "undo"
  | "redo"
  | "preview"
  | "submit"
  | "end"
  | "takeBack"
  | "typed"
  | "parcel"
  | "snapping"
  | "next"
  | "previous"
  | "help";

interface Key {
  key: string; // as KeyboardEvent tells it, lower case
  ctrl?: boolean;
  shift?: boolean;
  shown: string;
  does: Command;
}

const KEYS: readonly Key[] = [
  { key: "s", shown: "S", does: "split" },
  { key: "m", shown: "M", does: "merge" },
  { key: "b", shown: "B", does: "boundary" },
  { key: "a", shown: "A", does: "attributes" },
  { key: "d", shown: "D", does: "address" },
  { key: "f", shown: "F", does: "parcel" },
  { key: "t", shown: "T", does: "typed" },
  { key: "e", shown: "E", does: "end" },
  { key: "backspace", shown: "⌫", does: "takeBack" },
  { key: "]", shown: "]", does: "next" },
  { key: "[", shown: "[", does: "previous" },
  { key: "x", shown: "X", does: "snapping" },
  { key: "p", shown: "P", does: "preview" },
  { key: "z", ctrl: true, shown: "Ctrl Z", does: "undo" },
  { key: "y", ctrl: true, shown: "Ctrl Y", does: "redo" },
  { key: "z", ctrl: true, shift: true, shown: "Ctrl Shift Z", does: "redo" },
  { key: "enter", ctrl: true, shown: "Ctrl Enter", does: "submit" },
  { key: "?", shown: "?", does: "help" },
];

const writes = (target: EventTarget | null) =>
  target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && !["radio", "checkbox"].includes(target.type));

/** Does what keys ask; letters are left alone where somebody writes, undo too while a field has something of its own to undo. */
export function useKeys(does: (command: Command) => void): void {
  const now = useRef(does);
  now.current = does;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const ctrl = event.ctrlKey || event.metaKey;
      if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
      const name = event.key.toLowerCase();
      const found = KEYS.find((key) => key.key === name && Boolean(key.ctrl) === ctrl && (key.key === "?" || Boolean(key.shift) === event.shiftKey));
      if (!found) return;
      const writing = writes(event.target);
      if (writing && (!ctrl || ((found.does === "undo" || found.does === "redo") && (event.target as HTMLInputElement).value !== ""))) return;
      event.preventDefault();
      now.current(found.does);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const say = useEditWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="edit-keys" aria-labelledby="edit-keys-title" onClose={onClose}>
      <h2 id="edit-keys-title" tabIndex={-1} autofocus>{say("keys.title")}</h2>
      <table>
        <tbody>
          {KEYS.map((key) => (
            <tr key={key.shown}>
              <th scope="row">
                {key.shown.split(" ").map((one) => (
                  <kbd key={one}>{one}</kbd>
                ))}
              </th>
              <td>{say(`keys.${key.does}` as EditKey)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">
              <kbd>Enter</kbd>
            </th>
            <td>{say("keys.centre")}</td>
          </tr>
          <tr>
            <th scope="row">
              <kbd>Alt</kbd>
            </th>
            <td>{say("keys.alt")}</td>
          </tr>
        </tbody>
      </table>
      <p>
        <a href={`/help/${document.documentElement.lang}/editor.html`} target="_blank" rel="noopener">
          {say("keys.guide")}
        </a>
      </p>
      <form method="dialog">
        <button type="submit" class="plain primary">
          {say("keys.close")}
        </button>
      </form>
    </dialog>
  );
}
