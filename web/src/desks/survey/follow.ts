/** What happens to a survey, as it happens: told by the server until its check is decided. */
import { ask } from "../../client/ask";
import type { Survey_Output as Survey } from "../../client/doors";

export interface Happening {
  state: Survey["state"];
  progress: number;
  message_vi: string;
  message_en: string;
}

const AGAIN_MS = 3000;

/** Calls `heard` with each step, `lost` while the line is down, `through` once when it is decided; gives what ends it. */
export function followSurvey(
  key: string,
  events: { heard: (happening: Happening) => void; lost: (lost: boolean) => void; through: () => void },
): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  const end = () => {
    over = true;
    clearTimeout(timer);
    source?.close();
  };
  const open = () => {
    source = new EventSource(`/api/v1/surveys/${key}/events`);
    source.addEventListener("open", () => events.lost(false));
    source.addEventListener("message", (event) => events.heard(JSON.parse((event as MessageEvent<string>).data) as Happening));
    source.addEventListener("error", () => {
      // the stream ends where the check is decided, and where the line drops: the survey itself says which it was
      source?.close();
      void look();
    });
  };
  const look = async () => {
    try {
      const survey = await ask("GET /api/v1/surveys/{key}", { path: { key } });
      if (over) return;
      events.lost(false);
      events.heard(survey);
      if (survey.state === "accepted" || survey.state === "returned") {
        end();
        events.through();
        return;
      }
    } catch {
      if (over) return;
      events.lost(true);
    }
    timer = setTimeout(open, AGAIN_MS);
  };
  open();
  return end;
}
