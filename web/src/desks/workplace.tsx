/** The bar with the desks one may enter, who is signed in, and the open desk beside the map. */
import type { ComponentChildren, ComponentType } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { LocalDrafts } from "../client/local-drafts";
import { SignIn } from "../session/sign-in";
import { Session } from "../session/session";
import { useTexts, type Language } from "../texts";
import { useWords } from "../words";
import { deskInAddress, putInAddress } from "./address";
import { DESKS, type DeskName, type DeskProps } from "./desk";
import en from "./texts/en.json";
import vi from "./texts/vi.json";
import "./desks.css";

type Loaded = { name: DeskName; Desk: ComponentType<DeskProps> } | { name: DeskName; failed: true };

/** `children`: the page with its map; it takes what the bar and the desk leave. `closed`: an archive is shown, nobody works. */
export function Workplace(props: Pick<DeskProps, "map" | "take" | "tell"> & {
  closed: boolean;
  onLanguage: (language: Language) => void;
  children: ComponentChildren;
}) {
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const session = useMemo(() => new Session(), []);
  const drafts = useMemo(() => new LocalDrafts(), []);
  const [standing, setStanding] = useState(session.standing);
  const [keeping, setKeeping] = useState(drafts.state);
  const [asked, setAsked] = useState<DeskName | null>(deskInAddress);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [signing, setSigning] = useState(false);
  const [tall, setTall] = useState(true); // on a phone: the desk over most of the screen, or only its head

  useEffect(() => session.listen(() => setStanding(session.standing)), [session]);
  useEffect(() => drafts.listen(() => setKeeping(drafts.state)), [drafts]);
  useEffect(() => {
    const back = () => setAsked(deskInAddress());
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  const me = standing.is === "out" || props.closed ? null : standing.me;
  const mine = (Object.keys(DESKS) as DeskName[]).filter((name) => me?.roles.some((role) => DESKS[name]!.roles.includes(role)));
  const open = asked && mine.includes(asked) ? asked : null;

  // a desk in the address opens the dialog for who is not signed in
  useEffect(() => {
    if (asked && standing.is === "out") setSigning(true);
  }, []);

  const load = useCallback((name: DeskName) => {
    setLoaded(null);
    DESKS[name]!.load().then(
      (module) => setLoaded({ name, Desk: module.default }),
      () => setLoaded({ name, failed: true }),
    );
  }, []);
  useEffect(() => {
    if (open) load(open);
  }, [load, open]);

  const go = (name: DeskName | null) => {
    setAsked(name);
    setTall(true);
    putInAddress({ desk: name, survey: null, correction: null }, true);
  };
  const stopSigning = () => {
    setSigning(false);
    if (session.standing.is === "expired") session.giveUp();
  };
  const Desk = loaded && "Desk" in loaded && loaded.name === open ? loaded.Desk : null;

  return (
    <div class={`workplace ${me ? "workplace-in" : ""} ${open ? "workplace-desk" : ""} ${tall ? "" : "workplace-low"}`}>
      {me && (
        <nav class="workbar" aria-label={say("desks")}>
          <ul>
            <li>
              <button type="button" aria-current={open ? undefined : "page"} onClick={() => go(null)}>
                {say("map")}
              </button>
            </li>
            {mine.map((name) => (
              <li key={name}>
                <button type="button" aria-current={open === name ? "page" : undefined} onClick={() => go(name)}>
                  {say(name)}
                </button>
              </li>
            ))}
          </ul>
          <details class="workbar-me">
            <summary aria-label={say("me", { name: me.full_name || me.name })}>
              <span>{me.full_name || me.name}</span>
            </summary>
            <div>
              <b>{me.full_name || me.name}</b>
              <p>{me.roles.map((role) => say(role as "surveyor")).join(" · ") || say("noRole")}</p>
              <p>{me.communes ? me.communes.map((place) => place.name).join(", ") : say("everywhere")}</p>
              <div>
                <button type="button" class="plain" onClick={() => void session.signOut()}>
                  {say("signOut")}
                </button>
                <button
                  type="button"
                  class="plain"
                  lang={language === "vi" ? "en" : "vi"}
                  onClick={() => props.onLanguage(language === "vi" ? "en" : "vi")}
                >
                  {language === "vi" ? "English" : "Tiếng Việt"}
                </button>
              </div>
            </div>
          </details>
        </nav>
      )}
      {open && (
        <section class="workdesk" aria-label={say(open)} data-desk={open}>
          <h1 class="off-screen">{say(open)}</h1>
          <button type="button" class="workdesk-grip" aria-expanded={tall} onClick={() => setTall(!tall)}>
            {tall ? say("showMap") : say("showDesk")}
          </button>
          {keeping !== "disk" && (
            <p class="workdesk-keeping" role="alert">
              {say(keeping)}
            </p>
          )}
          {Desk ? (
            <Desk
              key={me?.name}
              map={props.map}
              session={session}
              drafts={drafts}
              language={language}
              take={props.take}
              tell={props.tell}
            />
          ) : loaded && "failed" in loaded ? (
            <div class="workdesk-word" role="alert">
              <p>{say("notLoaded")}</p>
              <button type="button" class="plain" onClick={() => load(open)}>
                {say("retry")}
              </button>
            </div>
          ) : (
            <p class="workdesk-word" role="status">
              {say("loading")}
            </p>
          )}
        </section>
      )}
      <div class="workplace-map">{props.children}</div>
      {!me && !props.closed && (
        <button type="button" class="sign-in-open" onClick={() => setSigning(true)}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="10" cy="6.5" r="3.5" />
            <path d="M3.5 17.5c.8-4 3.4-5.5 6.5-5.5s5.7 1.5 6.5 5.5" />
          </svg>
          <span>{say("signIn")}</span>
        </button>
      )}
      {(signing || standing.is === "expired") && <SignIn session={session} onClose={stopSigning} />}
    </div>
  );
}
