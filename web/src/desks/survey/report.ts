/** The report of a check as the API tells it to programs (report.json), and the close-ups of its page (report.html). */
import type { Geometry } from "geojson";
import { Refused, fetched } from "../../client/ask";

export type Severity = "stops" | "explain" | "note";

export interface Finding {
  n: number;
  rule: string;
  severity: Severity;
  title_vi: string;
  title_en: string;
  law: string;
  text_vi: string;
  text_en: string;
  record: string | null;
  other: string | null;
  lon_deg: number | null;
  lat_deg: number | null;
  x: number | null;
  y: number | null;
  size_m2: number | null;
  width_m: number | null;
  repair_vi: string | null;
  repair_en: string | null;
  geometry?: Geometry | null;
}

export interface Plot {
  record: string;
  file: string;
  kind: "parcel" | "legal" | "other";
  sheet: string | null;
  number: string | null;
  land_use: string | null;
  area_m2: number | null;
  legal_area_m2: number | null;
  code: string | null;
  match: string | null;
  lon_deg: number | null;
  lat_deg: number | null;
  findings: number[];
  geometry?: Geometry | null;
}

export interface Proposal {
  key: string;
  text_vi: string;
  text_en: string;
  shift_m: number | null;
  inside_before: number | null;
  inside_after: number | null;
  matched: number | null;
  rms_m: number | null;
  accepted: boolean;
}

export interface Report {
  state: "clean" | "explain" | "stops";
  zone: string | null;
  epsg: number | null;
  commune_name: string | null;
  counts: { plots: number; findings: number; severity: Record<Severity, number> };
  plots: Plot[];
  findings: Finding[];
  proposals: Proposal[];
  accepted: string[];
  left: { rule: string; title_vi: string; title_en: string; text_vi: string; text_en: string }[];
}

/** What a check tells where the files could not be read at all: one finding and nothing else. */
interface NotRead {
  refused: string;
  findings: (Partial<Finding> & { text_vi: string; text_en: string })[];
}

/** The report of a check, the last one where no run is named. Throws Refused. */
export async function reportOf(key: string, run: number, signal: AbortSignal): Promise<Report> {
  const told = (await (await fetched(`/api/v1/surveys/${key}/report.json?run=${run}`, { signal }, null)).json()) as Report | NotRead;
  if (!("refused" in told)) return told;
  const none: Omit<Finding, "text_vi" | "text_en"> = {
    n: 0, rule: told.refused, severity: "stops", title_vi: "Không đọc được tệp", title_en: "The files cannot be read", law: "", record: null,
    other: null, lon_deg: null, lat_deg: null, x: null, y: null, size_m2: null, width_m: null, repair_vi: null, repair_en: null,
  };
  const findings = told.findings.map((finding, index) => ({ ...none, ...finding, n: index + 1 }));
  const severity = { stops: findings.length, explain: 0, note: 0 };
  return {
    state: "stops", zone: null, epsg: null, commune_name: null, counts: { plots: 0, findings: findings.length, severity },
    plots: [], findings, proposals: [], accepted: [], left: [],
  };
}

/** The close-ups of a report as addresses of pictures, by finding; fetched once, when the first is wanted. */
export class Closeups {
  private page: Promise<Document | null> | null = null;
  private readonly made = new Map<number, string | null>();

  constructor(
    private readonly key: string,
    private readonly run: number,
  ) {}

  /** The picture of finding n, null where the report has none. */
  async of(n: number): Promise<string | null> {
    this.page ??= this.read();
    const page = await this.page;
    if (!this.made.has(n)) this.made.set(n, page ? pictureIn(page, n) : null);
    return this.made.get(n) ?? null;
  }

  close(): void {
    for (const address of this.made.values()) if (address) URL.revokeObjectURL(address);
    this.made.clear();
  }

  private async read(): Promise<Document | null> {
    try {
      const answer = await fetched(`/api/v1/surveys/${this.key}/report.html?run=${this.run}`, {}, null);
      return new DOMParser().parseFromString(await answer.text(), "text/html"); // inert: it is only read
    } catch (error) {
      if (error instanceof Refused) this.page = null; // asked again with the next one
      return null;
    }
  }
}

/** As an image, in which nothing can run and nothing is loaded. Findings close together share one picture. */
function pictureIn(page: Document, n: number): string | null {
  const article = page.getElementById(`f${n}`);
  const link = article?.querySelector('a[href^="#f"]')?.getAttribute("href");
  const svg = article?.querySelector("figure svg") ?? (link ? page.querySelector(`${link} figure svg`) : null);
  if (!svg) return null;
  const alone = svg.cloneNode(true) as SVGElement;
  alone.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  alone.setAttribute("font-family", "system-ui, sans-serif");
  const text = new XMLSerializer().serializeToString(alone);
  return URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
}
