/** The search box: a combobox (WAI-ARIA) with results below; arrows, Enter and Escape work it. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { lookUp, type Result } from "./lookup";
import { useTexts, type Language } from "./texts";

const WAIT_MS = 40;

interface Props {
  language: Language;
  onLanguage: (language: Language) => void;
  onChoose: (code: string) => void;
  onPlace: (lonDeg: number, latDeg: number) => void;
  communeInView: () => string | null;
  onFailure: (error: unknown) => void;
  /** Finds without a server, in what is kept here. */
  find?: ((typed: string) => Result[]) | undefined;
}

type State = { kind: "closed" } | { kind: "busy" } | { kind: "results"; results: Result[]; of: string } | { kind: "help" };

export function Search(props: Props) {
  const { say } = useTexts();
  const [text, setText] = useState("");
  const [state, setState] = useState<State>({ kind: "closed" });
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef<AbortController | null>(null);
  const listId = useId();
  const results = state.kind === "results" ? state.results : [];

  const stop = () => {
    asked.current?.abort();
    asked.current = null;
  };

  const ask = async (typed: string): Promise<Result[] | null> => {
    stop();
    const controller = (asked.current = new AbortController());
    try {
      const found = props.find?.(typed) ?? (await lookUp(typed, props.communeInView(), say, controller.signal));
      if (controller.signal.aborted) return null;
      setActive(0);
      setState({ kind: "results", results: found, of: typed });
      return found;
    } catch (error) {
      if (controller.signal.aborted) return null;
      setState({ kind: "closed" });
      props.onFailure(error);
      return null;
    }
  };

  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);

  const typed = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    stop();
    if (!value.trim()) return setState({ kind: "help" });
    if (state.kind !== "results") setState({ kind: "busy" });
    timer.current = window.setTimeout(() => void ask(value), WAIT_MS);
  };

  const choose = (result: Result) => {
    stop();
    clearTimeout(timer.current);
    setState({ kind: "closed" });
    setText(result.title);
    if (result.code) props.onChoose(result.code);
    else if (result.place) props.onPlace(...result.place);
  };

  const key = async (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (results.length === 0) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((active + step + results.length) % results.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (asked.current === null && results.length === 0 && !text.trim()) return;
      const shown = state.kind === "results" ? results : await ask(text); // typed fast: the list is not there yet
      const chosen = shown?.[state.kind === "results" ? active : 0];
      if (chosen) choose(chosen);
    } else if (event.key === "Escape" && (state.kind !== "closed" || text)) {
      event.preventDefault();
      stop();
      if (state.kind !== "closed") setState({ kind: "closed" });
      else setText("");
    }
  };

  const blurred = (event: FocusEvent) => {
    if (!(event.currentTarget as HTMLElement).contains(event.relatedTarget as Node | null)) setState({ kind: "closed" });
  };

  const option = (index: number) => `${listId}-${index}`;
  const said =
    state.kind === "results"
      ? results.length === 0
        ? say("search.none", { q: text.trim() })
        : results.length === 1
          ? say("search.one")
          : say("search.count", { n: results.length })
      : "";

  return (
    <div class="search" data-for={state.kind === "results" ? state.of : undefined} onFocusOut={blurred}>
      <div class="masthead">
        <h1>
          <img src="/icon.svg" alt="" width="22" height="22" />
          {say("site.name")}
          <small>{say("site.tagline")}</small>
        </h1>
        <div class="languages" role="group" aria-label={say("language.switch")}>
          {(["vi", "en"] as const).map((language) => (
            <button
              key={language}
              type="button"
              lang={language}
              aria-pressed={props.language === language}
              aria-label={language === "vi" ? "VI, Tiếng Việt" : "EN, English"}
              onClick={() => props.onLanguage(language)}
            >
              {language.toUpperCase()}
            </button>
          ))}
        </div>
      </div>
      <div class="search-line" role="search">
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="8.5" cy="8.5" r="5.5" />
          <path d="m13 13 4.5 4.5" />
        </svg>
        <input
          id="search"
          ref={input}
          type="text"
          role="combobox"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          aria-label={say("search.label")}
          aria-autocomplete="list"
          aria-controls={listId}
          aria-expanded={results.length > 0}
          aria-activedescendant={results.length > 0 ? option(active) : undefined}
          placeholder={say("search.placeholder")}
          value={text}
          onInput={(event) => typed(event.currentTarget.value)}
          onFocus={() => state.kind === "closed" && !text && setState({ kind: "help" })}
          onClick={() => text.trim() && state.kind === "closed" && void ask(text)}
          onKeyDown={(event) => void key(event)}
        />
        {text && (
          <button
            type="button"
            class="quiet"
            aria-label={say("search.clear")}
            title={say("search.clear")}
            onClick={() => {
              typed("");
              input.current?.focus();
            }}
          >
            <svg viewBox="0 0 20 20" aria-hidden="true">
              <path d="m5 5 10 10M15 5 5 15" />
            </svg>
          </button>
        )}
      </div>
      <ul id={listId} role="listbox" aria-label={say("search.results")} class="results" hidden={results.length === 0}>
        {results.map((result, index) => (
          <li
            key={result.key}
            id={option(index)}
            role="option"
            aria-selected={index === active}
            onPointerDown={(event) => event.preventDefault()}
            onPointerMove={() => index !== active && setActive(index)}
            onClick={() => choose(result)}
          >
            <b>{result.title}</b>
            <span>{result.detail}</span>
          </li>
        ))}
      </ul>
      {state.kind === "help" && <p class="search-word">{say("search.help")}</p>}
      {state.kind === "busy" && <p class="search-word">{say("search.busy")}</p>}
      {state.kind === "results" && results.length === 0 && <p class="search-word">{said}</p>}
      <p class="off-screen" role="status">
        {said}
      </p>
    </div>
  );
}
