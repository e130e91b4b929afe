/** What the API takes and answers, door by door: written by web/client.py from OpenAPI, never by hand. */

export type Account = { name: string; full_name: string; kind: "person" | "system"; disabled: boolean; made_at: string; grants: Grant[]; keys: Key[] };

export type Accounts = { accounts: Account[]; after: string | null };

export type Address_Input = { kind: "address"; file?: string | null; link?: Link_Input[]; unlink?: Link_Input[] };

export type Address_Output = { scheme: string; code: string; text: string | null; point: [number, number] | null; parts: AddressParts | null; said: AddressSaid | null; commune: api__shapes__Commune | null; parcels: AddressParcel[]; matched?: AddressMatch[] | null; distance_m?: number | null };

export type AddressCounts = { read: number; linked: number; unchanged: number; ambiguous: number; outside: number; conflicting: number; refused: number; links: number; by: Record<string, number> };

export type AddressFileDraft = { correction: string; state: string; hash: string; stops: number; counts: AddressCounts; report: Record<string, string> };

export type AddressMatch = { part: "house" | "street" | "hamlet" | "commune" | "district" | "province" | "digital"; name: string; how: "exact" | "without_marks" | "other_marks" | "typo" | "beginning" | "initials"; former: boolean };

export type AddressParcel = { code: string; main: boolean; number: string; sheet: string; land_use: string };

export type AddressParts = { house: string | null; alleys: string[]; street: string | null; hamlet: string | null; commune: string | null; district: string | null; province: string | null };

export type AddressSaid = { source: string | null; status: string | null; postcode: string | null };

export type Addresses = { addresses: Address_Output[] };

export type Assigned = { scheme?: string | null; code?: string | null; text?: string | null; part: number };

export type Attributes = { kind: "attributes"; parcels: Rewritten[] };

export type Boundary = { crs?: 0 | 4326; kind: "boundary"; parcel: string; moves?: Move[]; inserts?: [number, number][]; removes?: [number, number][] };

export type Candidate = { status: "current" | "superseded" | "withdrawn" | "never_issued" | "ambiguous" | "not_found" | "invalid"; found_by: string; parcel: ResolvedParcel; successors: Share[] };

export type Changes = { changes: api__change_shapes__Change[]; next: string; last: number; complete: boolean };

export type Closed = { code: string; version: number };

export type CommuneCount = { code: string; name: string; sheets: number; parcels: number; area_m2: number; provisional: number; bbox: number[] | null };

export type CommuneCounts = { communes: CommuneCount[] };

export type Correction = { correction: number; seq: number; kind: string; effective_on: string; made_at: string; reason: string; reverts: number | null };

export type CorrectionAnswer = { correction: string; kind: string; state: "draft" | "submitted" | "approved" | "applied" | "returned" | "withdrawn"; author: string; approver: string | null; reason: string; basis: string | null; dossier: string | null; effective_on: string; made_at: string; revision: number; hash: string | null; stops: number; applied: number | null; reverted_by: number | null; preview: Record<string, unknown>; conflicts: Record<string, unknown>[]; others: Record<string, unknown>[]; events: Event[] };

export type CorrectionList = { corrections: Record<string, unknown>[]; next: string | null };

export type Count = { month: string | null; commune: Place | null; surveys: number; accepted: number; returned: number; corrections: number; parcels: number; area_m2: number; on_time: number; late: number; overdue: number; reverts: number; imports: number; imported: number; imported_m2: number };

export type Counts = { first: string; last: string; rows: Count[]; months: Count[]; communes: Count[]; total: Count };

export type Create = { crs?: 0 | 4326; kind: "create"; sheet: SheetKey_Input; parcels: New[] };

export type Disk = { bytes: number; free: number };

export type DraftedCorrection = { correction: string; run: number; counts: Record<string, number>; plots: DraftedPlot[] };

export type DraftedPlot = { record: string; code: string | null; sheet: string | null; number: string | null; does: "new" | "reshaped" | "attributes" | "unchanged" | "moved" | "gone" | "split" | "merged" | "doubled" };

export type ErrorCorrection = { crs?: 0 | 4326; kind: "error"; parcels: Mistaken[]; tolerance_m?: number };

export type Event = { at: string; state: string; who: string; comment: string; place: [number, number] | null; hash: string | null };

export type FailedJob = { id: number; task: string; attempts: number; at: string | null };

export type FeedSheet = { commune: string; commune_from: string | null; number: string; scale: number | null; map_set: string; epsg: number; kind: string };

export type Geometry = { type: "Polygon" | "MultiPolygon"; coordinates: unknown[] };

export type GivenBack = { comment: string; at?: [number, number] | null };

export type Grant = { id: number; role: string; commune: Place | null; made_at: string; made_by: string };

export type Health = { version: string; postgresql: string; postgis: string; migration: string; bytes: number; connections: number; most_connections: number; disk: Disk; corrections: number; last_correction: string | null; checks_waiting: number; oldest_check: string | null; checks_broken: number; to_approve: number; oldest_to_approve: string | null; defects: number; webhooks: number; webhooks_failing: number; signed_in: number; jobs: Jobs };

export type History = { code: string; versions: Version[]; ancestors: Kin[]; descendants: Kin[]; note: Note | null };

export type Import = { id: number; state: string; made_at: string; correction: number | null; author: string | null; reason: string | null; undone_by: number | null; receipt: Record<string, unknown>; files: ImportFile[] };

export type ImportFile = { name: string; bytes: number };

export type ImportFinding = { rule: string; severity: "stops" | "explain" | "note"; record: string | null; text_vi: string; text_en: string; lon_deg: number | null; lat_deg: number | null; n: number };

export type ImportTold = { id: number; state: string; made_at: string; correction: number | null; author: string | null; reason: string | null; undone_by: number | null; receipt: Record<string, unknown>; files: ImportFile[]; findings: ImportFinding[] };

export type Imports = { imports: Import[]; before: number | null };

export type Jobs = { waiting: number; running: number; failed: number; oldest: string | null; workers: number; last_heartbeat: string | null; failures: FailedJob[] };

export type Key = { id: number; label: string; made_at: string; made_by: string; expires_at: string | null; last_used: string | null };

export type Kin = { code: string; generation: number; of: string; correction: Correction; undone_by: number | null; shared_m2: number; share_of_elder: number; share_of_younger: number };

export type LandUse = { code: string; name_vi: string; name_en: string; family: string };

export type LegendCode = { code: string; name_vi: string; name_en: string; hatching: string | null };

export type LegendGroup = { group: string; title_vi: string; title_en: string; colour: string; codes: LegendCode[] };

export type LegendTold = { look: string; title_vi: string; title_en: string; groups: LegendGroup[] };

export type Link_Input = { parcel: string; scheme?: string; code?: string | null; text?: string | null; main?: boolean };

export type Link_Output = { rel: "next"; href: string; type?: string };

export type LinkClosed = { code: string; link: number; scheme: string; address: string; text: string | null };

export type LinkOpened = { code: string; link: number; scheme: string; address: string; text: string | null; main: boolean; address_id: number; point: [number, number] | null };

export type MadeAccount = { name: string; full_name: string; kind: "person" | "system"; disabled: boolean; made_at: string; grants: Grant[]; keys: Key[]; password: string | null };

export type MadeDraft = { correction: string; parcels: number; repaired: number; left: number; stops: number };

export type MadeDrafts = { slivers: number; drafts: MadeDraft[]; waiting: number; no_repair: number; not_allowed: number; next: string | null };

export type MadeKey = { id: number; key: string };

export type MadePassword = { password: string };

export type MadeWebhook = { webhook: Webhook; secret: string };

export type MapMoment = { seq: number; made_at: string; effective_on: string; kind: string };

export type Me = { name: string; full_name: string; roles: string[]; communes: Place[] | null; scopes: Record<string, string[] | null> };

export type Meant = { code: string; how: "wrong" | "missing" | "extra" | "swapped" | "keyboard"; at: number | null };

export type Measured = { number?: string | null; land_use?: string | null; legal_area_m2?: number | string | null; address?: string | null; parcel: string; rings: [number, number][][] };

export type Merge = { kind: "merge"; parcels: string[]; into?: Written; keeps?: string | null; registered?: boolean };

export type Mistaken = { number?: string | null; land_use?: string | null; legal_area_m2?: number | string | null; address?: string | null; parcel: string; rings?: [number, number][][] | null };

export type Moment = { correction: number; kind: string; effective_on: string; made_at: string };

export type Moments = { moments: MapMoment[]; complete: boolean };

export type Move = { from: [number, number]; to: [number, number] };

export type Neighbour = { code: string; shared_m: number; number: string; land_use: string; area_m2: number; provisional: boolean; sheet: SheetKey_Output };

export type Neighbours = { code: string; neighbours: Neighbour[] };

export type New = { number?: string | null; land_use?: string | null; legal_area_m2?: number | string | null; address?: string | null; rings: [number, number][][] };

export type NewCorrection = { intent: Split | Merge | Boundary | Survey_Input | Create | Attributes | Renumber | Resheet | Retire | Register_Input | Address_Input | ErrorCorrection | Revert | Slivers; effective_on?: string | null; reason?: string; basis?: string | null; dossier?: string | null };

export type NewDrafts = { commune?: string | null; sheet?: string | null; bbox?: [number, number, number, number] | null; tolerance_m?: number; limit?: number; cursor?: string | null; effective_on?: string | null; reason?: string };

export type Note = { text_vi: string; text_en: string };

export type Opened = { code: string; version: number; sheet: FeedSheet; commune: string; commune_from: string | null; number: string; land_use: string; area_m2: number; legal_area_m2: number | null; provisional: boolean; issued: api__change_shapes__Recipe | null; shape?: Record<string, unknown> | string | null };

export type Pack = { commune: string; url: string; bytes: number };

export type Parcel = { type: "Feature"; id: string; geometry: Geometry; properties: ParcelProperties };

export type ParcelAddress = { scheme: string; code: string; text: string | null; main: boolean };

export type ParcelProperties = { code: string; status: "current" | "retired"; version: number; commune: api__shapes__Commune; sheet: api__shapes__Sheet; number: string; land_use: string; land_uses: LandUse[]; area_m2: number; legal_area_m2: number | null; point: [number, number]; recipe: api__shapes__Recipe; addresses: ParcelAddress[]; since: api__shapes__Change; retired: Retired | null };

export type Parcels = { type: "FeatureCollection"; features: Parcel[]; numberReturned: number; links: Link_Output[] };

export type Place = { code: string; name: string };

export type PlanAsked = { center: [number, number]; scale: 200 | 500 | 1000 | 2000 | 5000 | 10000; paper?: "a4" | "a3"; orientation?: "portrait" | "landscape"; look?: string; lang?: "vi" | "en"; title?: string; code?: string | null; as_of?: string | null };

export type PlanChoices = { scales: number[]; papers: PlanPaper[]; most_parcels: number; zone: PlanZone };

export type PlanPaper = { paper: string; orientation: string; frame_mm: [number, number] };

export type PlanZone = { epsg: number; central_meridian_deg: number; scale: number };

export type Problem = { type: string; title: string; status: number; detail: string; detail_vi: string; instance: string };

export type Rebase = { resolve?: Record<string, "mine" | "theirs"> };

export type Register_Input = { kind: "register"; parcels: string[] };

export type Register_Output = { parcels: number; sheets: number; addresses: number; defects: number; last_correction: Record<string, unknown> | null; bbox: [number, number, number, number] | null; communes: RegisterCommune[] };

export type RegisterCommune = { code: string; name: string; kind: string; province: string | null; postcode: string | null; sheets: number };

export type Renumber = { kind: "renumber"; parcels: Renumbered[] };

export type Renumbered = { parcel: string; number?: string | null };

export type Resheet = { kind: "resheet"; parcels: string[]; to: SheetKey_Input };

export type Resolved = { key: unknown; status: "current" | "superseded" | "withdrawn" | "never_issued" | "ambiguous" | "not_found" | "invalid"; found_by: string | null; parcel: ResolvedParcel | null; successors: Share[]; candidates: Candidate[]; more: boolean; did_you_mean: Meant[]; detail: string; detail_vi: string };

export type ResolvedList = Resolved[];

export type ResolvedParcel = { code: string; commune: api__resolve_shapes__Commune; sheet: api__resolve_shapes__Sheet; number: string; land_use: string; area_m2: number; legal_area_m2: number | null; provisional: boolean; since: Moment; until: Moment | null };

export type Retire = { kind: "retire"; parcels: string[] };

export type Retired = { correction: number; kind: string; effective_on: string; made_at: string; successors: string[] };

export type Revert = { kind: "revert"; correction: number; chain?: boolean };

export type Rewritten = { number?: string | null; land_use?: string | null; legal_area_m2?: number | string | null; address?: string | null; parcel: string };

export type ScanAnswer = { id: string; kind: "scan" | "orthophoto"; title: string; commune: string | null; sheet: string | null; crs: string; epsg: number | null; method: "control_points" | "world_file" | "picture"; transformation: "affine" | "projective" | "thin_plate"; proposed: ("affine" | "projective" | "thin_plate") | null; rms_px: number | null; rms_m: number | null; fits: ScanFit[]; points: ScanPoint[]; notes: ScanNote[]; width: number; height: number; pixel_m: number; place: Record<string, unknown>; bounds: [number, number, number, number]; min_zoom: number; max_zoom: number; tiles: string; bytes: number; made_at: string; retired_at: string | null; made_by?: string | null; files?: Record<string, unknown>[] | null };

export type ScanFit = { transformation: "affine" | "projective" | "thin_plate"; rms_px: number; rms_m: number; left_out_rms_px: number | null };

export type ScanNote = { rule: string; text_vi: string; text_en: string };

export type ScanPoint = { name: string; pixel: [number, number]; ground: [number, number]; residual_px: [number, number]; residual_m: [number, number]; left_out_px: number | null };

export type Seen = { hash: string };

export type Session = { access: string; refresh: string; expires_at: string; refresh_until: string; account: Me };

export type Share = { code: string; share: number };

export type SheetCount = { number: string; scale: number | null; map_set: string; epsg: number; kind: string; parcels: number; area_m2: number; bbox: number[] | null };

export type SheetCounts = { commune: Place; sheets: SheetCount[] };

export type SheetKey_Input = { commune: string; number: string; scale?: number | null; map_set?: string };

export type SheetKey_Output = { commune: string; number: string; scale: number | null; map_set: string; epsg: number };

export type SliverFeature = { type: "Feature"; geometry: Record<string, unknown>; properties: SliverProperties };

export type SliverList = { type: "FeatureCollection"; features: SliverFeature[]; next: string | null };

export type SliverProperties = { kind: "gap" | "overlap"; width_m: number; area_m2: number; parcels: string[]; x: number; y: number; epsg: number; cluster: number | null; draft: string | null };

export type Slivers = { kind: "slivers"; parcels: string[]; tolerance_m?: number; within?: [number, number, number, number] | null };

export type Split = { crs?: 0 | 4326; kind: "split"; parcel: string; lines?: [number, number][][] | null; ring?: [number, number][] | null; area_m2?: number | null; direction_deg?: number; parts?: Written[]; keeps?: number | null; registered?: boolean; addresses?: Assigned[] };

export type Survey_Input = { crs?: 0 | 4326; kind: "survey"; parcels?: Measured[] | null; run?: number | null; tolerance_m?: number; replaces?: "sheet" | null; shift?: "keep" | "take"; within_m?: number | null };

export type Survey_Output = { id: string; state: "received" | "read" | "checked" | "accepted" | "returned"; progress: number; message_vi: string; message_en: string; states: Record<string, string>; dossier: string | null; asked: Record<string, unknown>; files: SurveyFile[]; receipt: Record<string, unknown>; runs: SurveyRun[]; links: SurveyLink[] };

export type SurveyFile = { name: string; bytes: number; sha256: string };

export type SurveyLink = { rel: string; href: string; type: string };

export type SurveyRun = { run: number; asked: Record<string, unknown>; asked_at: string; started_at: string | null; finished_at: string | null; engine: string | null; outcome: ("accepted" | "returned") | null; refused: string | null; epsg: number | null; counts: Record<string, unknown>; correction: string | null; links: SurveyLink[] };

export type Unit = { code: string; name: string; kind: string; level: "province" | "commune"; district: string | null; province: string | null; valid_to: string | null };

export type Units = { units: Unit[] };

export type Version = { version: number; commune: string; sheet: SheetKey_Output; number: string; land_use: string; area_m2: number; legal_area_m2: number | null; provisional: boolean; opened: Correction; closed: Correction | null; changed: Record<string, unknown> | null };

export type Webhook = { id: number; name: string; url: string; communes: string[] | null; shapes: string; at: string; state: "active" | "paused" | "disabled"; made_at: string; made_by: string; delivered_at: string | null; failures: number; failing_since: string | null; next_try: string | null; problem: string | null };

export type Webhooks = { webhooks: Webhook[] };

export type Withdrawn = { comment?: string };

export type Written = { number?: string | null; land_use?: string | null; legal_area_m2?: number | string | null; address?: string | null };

export type api__change_shapes__Change = { seq: number; correction: number; kind: string; reason: string; effective_on: string; made_at: string; basis: string | null; reverts: number | null; counts: Record<string, number>; hash: string; previous: string; who: string | null; bbox: [number, number, number, number] | null; continued: boolean; complete: boolean; closed: Closed[]; opened: Opened[]; links_closed: LinkClosed[]; links_opened: LinkOpened[] };

export type api__change_shapes__Recipe = { point: [number, number]; epsg: number; algorithm: string };

export type api__resolve_shapes__Commune = { code: string; name: string; kind: string };

export type api__resolve_shapes__Sheet = { commune: string; commune_name: string; number: string; scale: number | null; map_set: string; epsg: number };

export type api__shapes__Change = { correction: number; kind: string; effective_on: string; made_at: string };

export type api__shapes__Commune = { code: string; name: string; kind: string; province?: string | null };

export type api__shapes__Recipe = { algorithm: string; epsg: number; east_m: number; north_m: number };

export type api__shapes__Sheet = { number: string; scale: number | null; map_set: string; epsg: number; commune: api__shapes__Commune };

export interface Doors {
  "GET /api/v1/accounts": { query: { after?: string }; answer: Accounts };
  "POST /api/v1/accounts": { body: { name: string; full_name?: string; kind?: "person" | "system"; password?: string | null }; answer: MadeAccount };
  "POST /api/v1/accounts/{name}/disable": { path: { name: string }; answer: Account };
  "POST /api/v1/accounts/{name}/enable": { path: { name: string }; answer: Account };
  "POST /api/v1/accounts/{name}/grants": { path: { name: string }; body: { role: string; commune: string | null; before?: boolean }; answer: Grant };
  "DELETE /api/v1/accounts/{name}/grants/{number}": { path: { name: string; number: number }; answer: undefined };
  "POST /api/v1/accounts/{name}/keys": { path: { name: string }; body: { label: string; expires_at?: string | null }; answer: MadeKey };
  "DELETE /api/v1/accounts/{name}/keys/{number}": { path: { name: string; number: number }; answer: undefined };
  "POST /api/v1/accounts/{name}/password": { path: { name: string }; answer: MadePassword };
  "GET /api/v1/addresses": { query: { at?: string | null; complete?: boolean; limit?: number; near?: string | null; q?: string | null }; answer: Addresses };
  "POST /api/v1/addresses/batch": { query: { from?: number }; body: FormData | Blob; answer: Blob };
  "POST /api/v1/addresses/files": { body: FormData | Blob; answer: AddressFileDraft };
  "GET /api/v1/addresses/files/{key}/report.{kind}": { path: { key: string; kind: "json" | "csv" }; answer: unknown };
  "GET /api/v1/addresses/{code}": { path: { code: string }; answer: Addresses };
  "GET /api/v1/changes": { query: { limit?: number; shapes?: "none" | "geojson" | "wkb"; since?: string; wait?: number }; answer: Changes };
  "GET /api/v1/changes/events": { query: { since?: string | null }; answer: Blob };
  "GET /api/v1/codes/{anything}": { path: { anything: string }; query: { as_of?: string | null; known_at?: string | null }; answer: Resolved };
  "GET /api/v1/communes/{code}/package": { path: { code: string }; answer: Blob };
  "GET /api/v1/corrections": { query: { author?: string | null; before?: string | null; limit?: number; state?: string | null }; answer: CorrectionList };
  "POST /api/v1/corrections": { header: { "idempotency-key"?: string | null }; body: NewCorrection; answer: CorrectionAnswer };
  "GET /api/v1/corrections/{key}": { path: { key: string }; answer: CorrectionAnswer };
  "PUT /api/v1/corrections/{key}": { path: { key: string }; body: NewCorrection; answer: CorrectionAnswer };
  "POST /api/v1/corrections/{key}/apply": { path: { key: string }; body: Seen; answer: CorrectionAnswer };
  "POST /api/v1/corrections/{key}/approve": { path: { key: string }; body: Seen; answer: CorrectionAnswer };
  "POST /api/v1/corrections/{key}/rebase": { path: { key: string }; body?: Rebase; answer: CorrectionAnswer };
  "POST /api/v1/corrections/{key}/return": { path: { key: string }; body: GivenBack; answer: CorrectionAnswer };
  "POST /api/v1/corrections/{key}/submit": { path: { key: string }; body: Seen; answer: CorrectionAnswer };
  "POST /api/v1/corrections/{key}/withdraw": { path: { key: string }; body?: Withdrawn; answer: CorrectionAnswer };
  "GET /api/v1/downloads/parcels.{ending}": { path: { ending: "geojson" | "fgb" | "gpkg" | "parquet" | "csv" | "dxf" | "gml" }; query: { as_of?: string | null; bbox?: string | null; commune?: string | null; crs?: string | null; known_at?: string | null }; answer: unknown };
  "GET /api/v1/me": { answer: Me };
  "PUT /api/v1/me/password": { body: { old: string; new: string }; answer: undefined };
  "GET /api/v1/office/communes": { answer: CommuneCounts };
  "GET /api/v1/office/communes/{code}/sheets": { path: { code: string }; answer: SheetCounts };
  "GET /api/v1/office/counts": { query: { first?: string | null; last?: string | null }; answer: Counts };
  "GET /api/v1/office/counts.csv": { query: { first?: string | null; language?: "vi" | "en"; last?: string | null }; answer: Blob };
  "GET /api/v1/office/health": { answer: Health };
  "GET /api/v1/office/imports": { query: { before?: number | null }; answer: Imports };
  "GET /api/v1/office/imports/{number}": { path: { number: number }; answer: ImportTold };
  "POST /api/v1/packs/{commune}": { path: { commune: string }; answer: Pack };
  "GET /api/v1/parcels": { query: { as_of?: string | null; at?: string | null; bbox?: string | null; commune?: string | null; cursor?: string | null; known_at?: string | null; land_use?: string | null; limit?: number; map_set?: string | null; number?: string | null; scale?: number | null; sheet?: string | null }; answer: unknown };
  "GET /api/v1/parcels/{code}": { path: { code: string }; query: { as_of?: string | null; crs?: string | null; known_at?: string | null }; answer: unknown };
  "GET /api/v1/parcels/{code}/history": { path: { code: string }; answer: History };
  "GET /api/v1/parcels/{code}/neighbours": { path: { code: string }; answer: Neighbours };
  "GET /api/v1/plans": { query: { at?: string | null }; answer: PlanChoices };
  "POST /api/v1/plans": { body: PlanAsked; answer: Blob };
  "GET /api/v1/register": { answer: Register_Output };
  "POST /api/v1/resolve": { query: { as_of?: string | null; known_at?: string | null }; body: { keys: (string | { key?: string | null; code?: string | null; commune?: string | null; sheet?: string | number | null; number?: string | number | null; scale?: number | string | null; map_set?: string | null; lon?: number | string | null; lat?: number | string | null; east?: number | string | null; north?: number | string | null; epsg?: number | string | null; address?: string | null })[] }; answer: string };
  "POST /api/v1/scans": { body: { kind?: "scan" | "orthophoto"; title?: string; crs?: number | null; transformation?: ("affine" | "projective" | "thin_plate") | null; points?: string | null; commune?: string | null; sheet?: string | null; crop?: string | null; uploads: string[] }; answer: ScanAnswer };
  "DELETE /api/v1/scans/{key}": { path: { key: string }; answer: undefined };
  "GET /api/v1/scans/{key}": { path: { key: string }; answer: ScanAnswer };
  "POST /api/v1/sessions": { body: { name: string; password: string }; answer: Session };
  "DELETE /api/v1/sessions/current": { answer: undefined };
  "POST /api/v1/sessions/refresh": { body: { refresh: string }; answer: Session };
  "GET /api/v1/slivers": { query: { bbox?: string | null; commune?: string | null; cursor?: string | null; limit?: number; sheet?: string | null; tolerance_m?: number }; answer: SliverList };
  "POST /api/v1/slivers/drafts": { body: NewDrafts; answer: MadeDrafts };
  "POST /api/v1/surveys": { body: { commune?: string | null; crs?: number | null; sheet?: string | null; scale?: number | null; axes?: ("east_north" | "north_east") | null; replaces?: "sheet" | null; mapping?: Record<string, unknown> | null; layers?: Record<string, unknown> | null; accept?: string[] | null; uploads: string[]; dossier?: string | null }; answer: Survey_Output };
  "GET /api/v1/surveys/{key}": { path: { key: string }; answer: Survey_Output };
  "POST /api/v1/surveys/{key}/corrections": { path: { key: string }; answer: DraftedCorrection };
  "GET /api/v1/surveys/{key}/events": { path: { key: string }; answer: Blob | undefined };
  "GET /api/v1/surveys/{key}/files/{number}": { path: { key: string; number: number }; answer: Blob };
  "GET /api/v1/surveys/{key}/report.{kind}": { path: { key: string; kind: string }; query: { run?: number | null }; answer: unknown };
  "POST /api/v1/surveys/{key}/runs": { path: { key: string }; body?: { commune?: string | null; crs?: number | null; sheet?: string | null; scale?: number | null; axes?: ("east_north" | "north_east") | null; replaces?: "sheet" | null; mapping?: Record<string, unknown> | null; layers?: Record<string, unknown> | null; accept?: string[] | null }; answer: Survey_Output };
  "GET /api/v1/units": { query: { limit?: number; q?: string }; answer: Units };
  "OPTIONS /api/v1/uploads": { answer: undefined };
  "POST /api/v1/uploads": { answer: undefined };
  "DELETE /api/v1/uploads/{key}": { path: { key: string }; answer: undefined };
  "HEAD /api/v1/uploads/{key}": { path: { key: string }; answer: undefined };
  "PATCH /api/v1/uploads/{key}": { path: { key: string }; body?: FormData | Blob; answer: undefined };
  "GET /api/v1/webhooks": { answer: Webhooks };
  "POST /api/v1/webhooks": { body: { url: string; communes?: string[] | null; shapes?: "none" | "geojson" | "wkb"; since?: string | null }; answer: MadeWebhook };
  "DELETE /api/v1/webhooks/{number}": { path: { number: number }; answer: undefined };
  "GET /api/v1/webhooks/{number}": { path: { number: number }; answer: Webhook };
  "POST /api/v1/webhooks/{number}/pause": { path: { number: number }; answer: Webhook };
  "POST /api/v1/webhooks/{number}/resume": { path: { number: number }; body: { since?: string | null }; answer: Webhook };
  "GET /tiles/events": { query: { since?: string | null }; answer: Blob };
  "GET /tiles/legends/{look}.json": { path: { look: string }; answer: LegendTold };
  "GET /tiles/moments.json": { query: { bbox: string; limit?: number }; answer: Moments };
  "GET /tiles/scans.json": { answer: undefined };
  "GET /tiles/scans/{key}.json": { path: { key: string }; answer: undefined };
  "GET /tiles/scans/{key}/{z}/{x}/{y}.{form}": { path: { form: "webp" | "png"; key: string; x: number; y: number; z: number }; answer: Blob };
  "GET /tiles/sprite{form}": { path: { form: string }; answer: unknown };
  "GET /tiles/style.json": { answer: undefined };
  "GET /tiles/styles/{look}.json": { path: { look: string }; answer: undefined };
  "GET /tiles/{layers}.json": { path: { layers: string }; query: { v?: "now" | null }; answer: undefined };
  "GET /tiles/{layers}/{z}/{x}/{y}.mvt": { path: { layers: string; x: number; y: number; z: number }; query: { as_of?: string | null; known_at?: string | null; v?: string | null }; answer: Blob };
}
