/** The dialog that asks for name and password; over an expired login it keeps what is under it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { sentenceOf } from "../client/ask";
import { useWords } from "../words";
import { useTexts } from "../texts";
import type { Session } from "./session";
import en from "./texts/en.json";
import vi from "./texts/vi.json";
import "./session.css";

export function SignIn(props: { session: Session; onClose: () => void }) {
  const { session } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const again = session.standing.is === "expired" ? session.standing.me : null;
  const [name, setName] = useState(again?.name ?? "");
  const [password, setPassword] = useState("");

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setWrong(null);
    try {
      await session.signIn(name.trim(), password);
      dialog.current?.close();
    } catch (error) {
      setWrong(sentenceOf(error, language));
      setPassword("");
      dialog.current?.querySelector<HTMLInputElement>("[name=password]")?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <dialog
      ref={dialog}
      class="sign-in"
      aria-labelledby="sign-in-title"
      onClose={props.onClose}
      onCancel={(event) => again && event.preventDefault()} // Escape must not throw away what is under an expired login
    >
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="sign-in-title">{again ? say("again") : say("signIn")}</h2>
        <p>{again ? say("againWhy") : say("why")}</p>
        <label>
          {say("name")}
          <input
            name="name"
            autocomplete="username"
            autocapitalize="off"
            spellcheck={false}
            required
            autofocus={!again}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          {say("password")}
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            autofocus={Boolean(again)}
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <p class="sign-in-wrong" role="alert">
          {wrong}
        </p>
        <div class="sign-in-foot">
          <button type="button" class="plain" onClick={() => dialog.current?.close()}>
            {again ? say("leave") : say("cancel")}
          </button>
          <button type="submit" class="plain primary" disabled={busy}>
            {busy ? say("busy") : say("signIn")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
