/** What a desk is given, and which desks there are: each a chunk of its own, loaded when it is opened. */
import type { ComponentType } from "preact";
import type { LocalDrafts } from "../client/local-drafts";
import type { ParcelMap } from "../map";
import type { Session } from "../session/session";
import type { Language } from "../texts";

/** A click on the map (or Enter): the parcel drawn there, null where none is drawn, and the place. */
export interface Pick {
  code: string | null;
  lonDeg: number;
  latDeg: number;
}

export interface DeskProps {
  /** The page's one map; null where the browser cannot draw it. Put layers on it by `layersOn`: they end with the desk. */
  map: ParcelMap | null;
  session: Session;
  drafts: LocalDrafts;
  language: Language;
  /** Takes clicks on the map for the desk until the function it gives is called; the parcel panel stays shut meanwhile. */
  take: (picked: (pick: Pick) => void) => () => void;
  /** Says one sentence at the foot of the map. */
  tell: (sentence: string) => void;
}

export type DeskName = "survey" | "edit" | "approve" | "office";

interface DeskKind {
  roles: string[]; // any of them opens it
  load: () => Promise<{ default: ComponentType<DeskProps> }>;
}

export const DESKS: Partial<Record<DeskName, DeskKind>> = {
  survey: { roles: ["surveyor", "editor"], load: () => import("./survey/survey-desk") },
  edit: { roles: ["editor"], load: () => import("../edit/edit-desk") },
  approve: { roles: ["approver"], load: () => import("./approve/approve-desk") },
  office: { roles: ["office"], load: () => import("./office/office-desk") },
};
