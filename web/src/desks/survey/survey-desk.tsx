/** The surveyor's desk: hand files in, see what is wrong beside the map, hand the survey on. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { instant } from "../../format";
import { useWords } from "../../words";
import { inAddress, putInAddress } from "../address";
import type { DeskProps } from "../desk";
import { HandIn } from "./hand-in";
import { Kept, type Receipt } from "./kept";
import "./survey.css";
import { SurveyView } from "./survey-view";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

export default function SurveyDesk(props: DeskProps) {
  const { map, session, drafts, take } = props;
  const say = useWords({ vi, en });
  const store = useMemo(() => new Kept(drafts, session.me?.name ?? ""), [drafts]);
  const [open, setOpen] = useState<string | null>(() => inAddress("survey"));
  const [receipts, setReceipts] = useState<Receipt[]>([]);

  const list = () => void store.receipts().then(setReceipts);
  useEffect(list, []);
  useEffect(() => {
    const back = () => setOpen(inAddress("survey"));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  const show = (key: string | null) => {
    putInAddress({ survey: key }, true);
    setOpen(key);
    list();
  };

  return (
    <div class="workdesk-body survey-desk">
      {open ? (
        <SurveyView
          key={open}
          surveyKey={open}
          receipt={receipts.find(({ key }) => key === open) ?? null}
          map={map}
          session={session}
          take={take}
          onBack={() => show(null)}
        />
      ) : (
        <>
          <HandIn session={session} store={store} onSent={show} />
          {receipts.length > 0 && (
            <section aria-label={say("mine")}>
              <h3>{say("mine")}</h3>
              <ul class="receipts">
                {receipts.map(({ key, names, sentAt }) => (
                  <li key={key}>
                    <button type="button" onClick={() => show(key)}>
                      <b>{names.join(", ")}</b>
                      <span>{instant(sentAt)}</span>
                    </button>
                    <button
                      type="button"
                      class="quiet"
                      aria-label={say("forget", { name: names.join(", ") })}
                      title={say("forget", { name: names.join(", ") })}
                      onClick={() => void store.forget(key).then(list)}
                    >
                      ×
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </>
      )}
    </div>
  );
}
