/** The approver's desk: what waits, what it does, the decision; a parcel's history and the undo. */
import { useEffect, useState } from "preact/hooks";
import { useWords } from "../../words";
import { inAddress, putInAddress } from "../address";
import type { DeskProps } from "../desk";
import "../survey/survey.css";
import "./approve.css";
import { CorrectionView } from "./correction-view";
import { History } from "./history";
import { Queue } from "./queue";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

export default function ApproveDesk(props: DeskProps) {
  const { map, session, drafts, take, tell } = props;
  const say = useWords({ vi, en });
  const [open, setOpen] = useState<string | null>(() => inAddress("correction"));
  const [part, setPart] = useState<"queue" | "history">("queue");

  useEffect(() => {
    const back = () => setOpen(inAddress("correction"));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const show = (key: string | null) => {
    putInAddress({ correction: key }, true);
    setOpen(key);
  };

  if (open)
    return (
      <div class="workdesk-body">
        <CorrectionView
          key={open}
          correctionKey={open}
          map={map}
          session={session}
          drafts={drafts}
          take={take}
          tell={tell}
          onBack={() => show(null)}
        />
      </div>
    );
  return (
    <div class="workdesk-body">
      <div class="parts" role="group" aria-label={say("parts")}>
        {(["queue", "history"] as const).map((name) => (
          <button key={name} type="button" aria-pressed={part === name} onClick={() => setPart(name)}>
            {say(name)}
          </button>
        ))}
      </div>
      {part === "queue" ? <Queue session={session} onOpen={show} /> : <History map={map} session={session} take={take} tell={tell} />}
    </div>
  );
}
