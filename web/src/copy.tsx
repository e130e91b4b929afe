/** A button that puts text on the clipboard and says so. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useTexts } from "./texts";

async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not over https, or forbidden: the older way still works in most browsers.
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "off-screen";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

export function Copy(props: { text: () => string; label: string; children?: string; class?: string; icon?: ComponentChildren }) {
  const { say } = useTexts();
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), state === "done" ? 1800 : 5000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => setState((await toClipboard(props.text())) ? "done" : "failed");
  return (
    <span class="copy">
      <button type="button" class={props.class ?? "quiet"} aria-label={props.label} title={props.label} onClick={() => void copy()}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          {state === "done" ? <path d="m4 10.5 4 4 8-9" /> : (props.icon ?? <path d="M7.5 7.5v-4h9v9h-4m-9-5h9v9h-9z" />)}
        </svg>
        {props.children && <span>{state === "done" ? say("parcel.copied") : props.children}</span>}
      </button>
      <span class={state === "failed" ? "copy-failed" : "off-screen"} role="status">
        {state === "done" ? say("parcel.copied") : state === "failed" ? say("parcel.copyFailed") : ""}
      </span>
    </span>
  );
}
