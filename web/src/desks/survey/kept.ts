/** What the desk keeps on this device: the hand-in that is not sent yet, and the receipts of those that are. */
import type { LocalDrafts } from "../../client/local-drafts";

const HAND_IN = "survey";
const RECEIPTS = "survey-receipts";

/** A file to hand in; `key` once the server has begun to keep it. */
export interface WaitingFile {
  file: File;
  key: string | null;
}

/** What the surveyor says of the files, as typed. */
export interface Said {
  commune: string;
  sheet: string;
  scale: string;
  dossier: string;
  crs: string;
  axes: string;
  replaces: string;
}

export interface HandIn {
  files: WaitingFile[];
  said: Said;
}

export interface Receipt {
  key: string;
  names: string[];
  sentAt: string;
  /** SHA-256 (hex) of the files as they are on this device, where the browser can say. */
  sums: Record<string, string>;
}

export const NOTHING_SAID: Said = { commune: "", sheet: "", scale: "", dossier: "", crs: "", axes: "", replaces: "" };

export class Kept {
  constructor(
    private readonly drafts: LocalDrafts,
    private readonly who: string,
  ) {}

  handIn = async (): Promise<HandIn> => (await this.drafts.get<HandIn>(HAND_IN, this.who, "")) ?.value ?? { files: [], said: NOTHING_SAID };
  keep = (handIn: HandIn) => this.drafts.put(HAND_IN, this.who, "", handIn);
  sent = () => this.drafts.remove(HAND_IN, this.who, "");

  receipts = async (): Promise<Receipt[]> => (await this.drafts.list<Receipt>(RECEIPTS, this.who)).map((draft) => draft.value);
  receipt = (receipt: Receipt) => this.drafts.put(RECEIPTS, this.who, receipt.key, receipt);
  forget = (key: string) => this.drafts.remove(RECEIPTS, this.who, key);
}

/** SHA-256 of a file, hex; null where the browser does not say (no https). */
export async function sumOf(file: File): Promise<string | null> {
  try {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch {
    return null;
  }
}
