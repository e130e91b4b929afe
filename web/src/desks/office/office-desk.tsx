/** The office's desk: counts, people, imports, communes and sheets, scans, health. */
import { useState } from "preact/hooks";
import { useWords } from "../../words";
import type { DeskProps } from "../desk";
import "../approve/approve.css";
import "../correction/correction.css";
import "../survey/survey.css";
import { Communes } from "./communes";
import { Counts } from "./counts";
import { Health } from "./health";
import { Imports } from "./imports";
import "./office.css";
import { People } from "./people";
import { Scans } from "./scans/scans";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

const PARTS = { counts: Counts, people: People, imports: Imports, communes: Communes, scans: Scans, health: Health };
type Part = keyof typeof PARTS;

export default function OfficeDesk({ map, session, drafts, take }: DeskProps) {
  const say = useWords({ vi, en });
  const [part, setPart] = useState<Part>("counts");
  const Open = PARTS[part];
  return (
    <div class="workdesk-body office">
      <div class="parts" role="group" aria-label={say("parts")}>
        {(Object.keys(PARTS) as Part[]).map((name) => (
          <button key={name} type="button" aria-pressed={part === name} onClick={() => setPart(name)}>
            {say(name)}
          </button>
        ))}
      </div>
      <Open map={map} session={session} drafts={drafts} take={take} />
    </div>
  );
}
