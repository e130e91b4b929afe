/** What the register says of one parcel. */
import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Address, Parcel } from "./api";
import type { Refused } from "./client/ask";
import { Copy } from "./copy";
import { area, day, groups, unitName } from "./format";
import { useTexts, type TextKey } from "./texts";

export type Selection =
  | { kind: "none" }
  | { kind: "loading"; code: string }
  | { kind: "parcel"; parcel: Parcel }
  | { kind: "failed"; code: string; failure: Refused };

interface Props {
  selection: Selection;
  onClose: () => void;
  onZoom: (parcel: Parcel) => void;
  onOpen: (code: string) => void;
  /** A link that opens the page as it is seen now. */
  link: () => string;
}

export function Panel({ selection, onClose, onZoom, onOpen, link }: Props) {
  const { language, say } = useTexts();
  const sheet = useRef<HTMLElement>(null);
  const shown = selection.kind === "parcel" ? selection.parcel.properties.code : selection.kind;
  useEffect(() => {
    sheet.current?.scrollTo?.(0, 0);
  }, [shown]);
  if (selection.kind === "none") return null;
  return (
    <section class="panel" aria-label={say("parcel.title")} aria-busy={selection.kind === "loading"} ref={sheet}>
      <button type="button" class="quiet panel-close" onClick={onClose} aria-label={say("parcel.close")} title={say("parcel.close")}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="m5 5 10 10M15 5 5 15" />
        </svg>
      </button>
      {selection.kind === "loading" && (
        <p class="panel-word" role="status">
          {say("parcel.loading")}
        </p>
      )}
      {selection.kind === "failed" && <Failed selection={selection} onRetry={onOpen} />}
      {selection.kind === "parcel" && (
        <Facts key={`${selection.parcel.id} ${language}`} parcel={selection.parcel} onZoom={() => onZoom(selection.parcel)} onOpen={onOpen} link={link} />
      )}
    </section>
  );
}

function Failed(props: { selection: Selection & { kind: "failed" }; onRetry: (code: string) => void }) {
  const { language, say } = useTexts();
  const { code, failure } = props.selection;
  const words =
    failure.status === 0
      ? say("parcel.unread", { code })
      : (failure.own(language) ??
        (failure.status < 500 ? say("parcel.unknown", { code }) : say("error.server", { status: failure.status })));
  return (
    <div class="panel-word" role="alert">
      <p>{words}</p>
      {(failure.status === 0 || failure.status >= 500) && (
        <button type="button" class="plain" onClick={() => props.onRetry(code)}>
          {say("error.retry")}
        </button>
      )}
    </div>
  );
}

function Facts(props: { parcel: Parcel; onZoom: () => void; onOpen: (code: string) => void; link: () => string }) {
  const { parcel, onZoom, onOpen, link } = props;
  const { language, say } = useTexts();
  const facts = parcel.properties;
  const text = facts.addresses.find((address) => address.main && address.text) ?? facts.addresses.find((address) => address.text);
  const digital = facts.addresses
    .filter((address) => address.code)
    .sort((a, b) => a.scheme.localeCompare(b.scheme));
  const uses = facts.land_uses.map((use) => (language === "vi" ? use.name_vi : use.name_en)).join(" + ");
  const surveyed = facts.sheet.commune;
  return (
    <>
      <h2>
        <span>
          <small>{say("parcel.sheet")}</small>
          {facts.sheet.number}
        </span>
        <span>
          <small>{say("parcel.number")}</small>
          {facts.number}
        </span>
      </h2>
      <p class="panel-place">
        {unitName(facts.commune)}
        {facts.commune.province && `, ${facts.commune.province}`}
      </p>
      {facts.retired && (
        <div class="panel-retired">
          <p>{say("parcel.retired", { date: day(facts.retired.effective_on) })}</p>
          {facts.retired.successors.map((code) => (
            <button key={code} type="button" class="plain" onClick={() => onOpen(code)}>
              {groups(code).join("\u2009")}
            </button>
          ))}
        </div>
      )}
      <div class="code-line">
        <div>
          <h3>{say("parcel.code")}</h3>
          <code data-code={facts.code}>
            {groups(facts.code).map((group) => (
              <span key={group}>{group}</span>
            ))}
          </code>
        </div>
        <Copy text={() => facts.code} label={say("parcel.copyCode")} />
      </div>
      <dl>
        <Fact label="parcel.addressText">{text?.text ?? <Missing />}</Fact>
        <Fact label="parcel.landUse">
          {facts.land_use ? (
            <>
              <b class="land-use">{facts.land_use}</b>
              {uses && <> {uses}</>}
            </>
          ) : (
            <Missing />
          )}
        </Fact>
        <Fact label="parcel.area">
          <span class="figure">{area(facts.area_m2, language)}</span>
        </Fact>
        <Fact label="parcel.legalArea">
          {facts.legal_area_m2 === null ? <Missing /> : <span class="figure">{area(facts.legal_area_m2, language)}</span>}
        </Fact>
        {digital.length > 0 && (
          <Fact label="parcel.digital">
            {digital.map((address) => (
              <Digital key={`${address.scheme} ${address.code}`} address={address} />
            ))}
          </Fact>
        )}
        <Fact label="parcel.map">
          {[
            facts.sheet.scale ? say("parcel.scale", { scale: facts.sheet.scale }) : null,
            `VN-2000 (EPSG:${facts.sheet.epsg})`,
            facts.sheet.map_set || null,
            `${surveyed.code} ${surveyed.name}` !== `${facts.commune.code} ${facts.commune.name}` ? say("parcel.surveyedFor", { name: unitName(surveyed) }) : null,
          ]
            .filter(Boolean)
            .join(" · ")}
        </Fact>
      </dl>
      <div class="panel-foot">
        <button type="button" class="plain" onClick={onZoom}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="10" cy="10" r="5" />
            <path d="M10 2v4M10 14v4M2 10h4M14 10h4" />
          </svg>
          <span>{say("parcel.zoom")}</span>
        </button>
        <Copy text={link} label={say("parcel.share")} class="plain">
          {say("parcel.share")}
        </Copy>
        <p title={say("parcel.effective", { date: day(facts.since.effective_on) })}>
          {say("parcel.since", { date: day(facts.since.made_at) })}
        </p>
      </div>
    </>
  );
}

function Fact(props: { label: TextKey; children: ComponentChildren }) {
  const { say } = useTexts();
  return (
    <div>
      <dt>{say(props.label)}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Digital({ address }: { address: Address }) {
  const { say } = useTexts();
  const names: Record<string, TextKey> = { olc: "parcel.scheme.olc", vpostcode: "parcel.scheme.vpostcode" };
  const name = names[address.scheme];
  return (
    <span class="digital">
      <span>
        <span class="digital-code">{address.code}</span>
        <small>{name ? say(name) : address.scheme}</small>
      </span>
      <Copy text={() => address.code} label={say("parcel.copyAddress")} />
    </span>
  );
}

function Missing() {
  const { say } = useTexts();
  return <span class="missing">{say("parcel.none")}</span>;
}
