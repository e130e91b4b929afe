/** Jobs and health: what waits, what failed, who works, how much room there is. */
import { bytes, count, gigabytes, instant } from "../../format";
import type { ParcelMap } from "../../map";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { State } from "./state";
import en from "./texts/en.json";
import vi from "./texts/vi.json";
import { useTold } from "./use-told";

export function Health(props: { map: ParcelMap | null; session: Session }) {
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const heard = useTold(props.session, "GET /api/v1/office/health", {});
  const { told } = heard;
  const n = (value: number) => count(value, language);
  const since = (iso: string | null) => (iso ? ` (${say("since", { at: instant(iso).slice(0, 17) })})` : "");
  return (
    <section aria-label={say("health")}>
      <State of={heard} />
      {told && (
        <>
          {told.jobs.workers === 0 && (
            <p class="wrong" role="alert">
              {say("noWorker")}
            </p>
          )}
          <dl class="office-health">
            <dt>{say("checksWaiting")}</dt>
            <dd>
              {n(told.checks_waiting)}
              {since(told.oldest_check)}
            </dd>
            <dt>{say("checksBroken")}</dt>
            <dd>{n(told.checks_broken)}</dd>
            <dt>{say("jobs")}</dt>
            <dd>{say("jobsNow", { waiting: n(told.jobs.waiting), running: n(told.jobs.running), failed: n(told.jobs.failed) })}</dd>
            <dt>{say("workers")}</dt>
            <dd>{n(told.jobs.workers)}</dd>
            <dt>{say("toApprove")}</dt>
            <dd>
              {n(told.to_approve)}
              {since(told.oldest_to_approve)}
            </dd>
            <dt>{say("lastCorrection")}</dt>
            <dd>{told.last_correction ? `${say("no", { n: n(told.corrections) })}, ${instant(told.last_correction)}` : say("never")}</dd>
            <dt>{say("defects")}</dt>
            <dd>{n(told.defects)}</dd>
            <dt>{say("webhooks")}</dt>
            <dd>{say("ofThem", { n: n(told.webhooks_failing), all: n(told.webhooks) })}</dd>
            <dt>{say("signedIn")}</dt>
            <dd>{n(told.signed_in)}</dd>
            <dt>{say("database")}</dt>
            <dd>
              PostgreSQL {told.postgresql.split(" ")[0]}, PostGIS {told.postgis}, {bytes(told.bytes, language)}
            </dd>
            <dt>{say("connections")}</dt>
            <dd>{say("ofThem", { n: n(told.connections), all: n(told.most_connections) })}</dd>
            <dt>{say("disk")}</dt>
            <dd>{say("free", { free: gigabytes(told.disk.free, language), all: gigabytes(told.disk.bytes, language) })}</dd>
            <dt>{say("version")}</dt>
            <dd>
              {told.version} · {told.migration}
            </dd>
          </dl>
          {told.jobs.failures.length > 0 && (
            <>
              <h3>{say("failures")}</h3>
              <ul class="office-grants">
                {told.jobs.failures.map((job) => (
                  <li key={job.id}>
                    <span>
                      {job.task} · {say("attempts", { n: job.attempts })}
                      {job.at && ` · ${instant(job.at)}`}
                    </span>
                  </li>
                ))}
              </ul>
            </>
          )}
          <button type="button" class="plain" onClick={heard.again}>
            {say("refresh")}
          </button>
        </>
      )}
    </section>
  );
}
