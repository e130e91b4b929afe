/** People and systems of the office: added, given roles for communes, locked out and let in again, given a new password. */
import { useState } from "preact/hooks";
import { sentenceOf } from "../../client/ask";
import type { Account } from "../../client/doors";
import type { ParcelMap } from "../../map";
import type { Session } from "../../session/session";
import { useTexts } from "../../texts";
import { useWords } from "../../words";
import { State } from "./state";
import en from "./texts/en.json";
import vi from "./texts/vi.json";
import { useTold } from "./use-told";

const ROLES = ["surveyor", "editor", "approver", "office", "partner", "auditor"] as const;
type Role = (typeof ROLES)[number];

export function People(props: { map: ParcelMap | null; session: Session }) {
  const { session } = props;
  const { language } = useTexts();
  const say = useWords({ vi, en });
  const [after, setAfter] = useState<string | undefined>();
  const heard = useTold(session, "GET /api/v1/accounts", { query: after ? { after } : {} });
  const { told } = heard;
  const [wrong, setWrong] = useState<{ name: string; text: string } | null>(null);
  const [secret, setSecret] = useState<{ name: string; password: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [name, setName] = useState("");
  const [fullName, setFullName] = useState("");

  const act = async (who: string, work: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    setWrong(null);
    try {
      await work();
      heard.again();
    } catch (error) {
      setWrong({ name: who, text: sentenceOf(error, language) });
    } finally {
      setBusy(false);
    }
  };
  const add = () =>
    act("", async () => {
      const made = await session.ask("POST /api/v1/accounts", { body: { name: name.trim(), full_name: fullName.trim() } });
      if (made.password) setSecret({ name: made.name, password: made.password });
      setName("");
      setFullName("");
    });

  return (
    <section aria-label={say("people")}>
      <details class="more">
        <summary>{say("addPerson")}</summary>
        <form
          class="fields"
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <label>
            {say("account")}
            <input required autocapitalize="off" spellcheck={false} value={name} onInput={(event) => setName(event.currentTarget.value)} />
          </label>
          <label>
            {say("fullName")}
            <input value={fullName} onInput={(event) => setFullName(event.currentTarget.value)} />
          </label>
          <button type="submit" class="plain primary" disabled={busy}>
            {say("add")}
          </button>
        </form>
      </details>
      {secret && (
        <p class="office-secret" role="status">
          {say("password", { name: secret.name })} <code>{secret.password}</code>{" "}
          <button type="button" class="plain" onClick={() => setSecret(null)}>
            {say("hide")}
          </button>
        </p>
      )}
      <p class="wrong" role="alert">
        {wrong?.name === "" && wrong.text}
      </p>
      <State of={heard} none={told && told.accounts.length === 0 && say("noPeople")} />
      <ul class="office-people">
        {told?.accounts.map((one) => (
          <li key={one.name}>
            <Person
              one={one}
              self={one.name === session.me?.name}
              busy={busy}
              wrong={wrong?.name === one.name ? wrong.text : null}
              onGrant={(role, commune) =>
                void act(one.name, async () => {
                  await session.ask("POST /api/v1/accounts/{name}/grants", { path: { name: one.name }, body: { role, commune } });
                })
              }
              onRevoke={(number) =>
                void act(one.name, async () => {
                  await session.ask("DELETE /api/v1/accounts/{name}/grants/{number}", { path: { name: one.name, number: String(number) as never } });
                })
              }
              onDisable={() =>
                void act(one.name, async () => {
                  const door = one.disabled ? "POST /api/v1/accounts/{name}/enable" : "POST /api/v1/accounts/{name}/disable";
                  await session.ask(door, { path: { name: one.name } });
                })
              }
              onReset={() =>
                void act(one.name, async () => {
                  const made = await session.ask("POST /api/v1/accounts/{name}/password", { path: { name: one.name } });
                  setSecret({ name: one.name, password: made.password });
                })
              }
            />
          </li>
        ))}
      </ul>
      {told?.after && (
        <button type="button" class="plain" onClick={() => setAfter(told.after ?? undefined)}>
          {say("more")}
        </button>
      )}
    </section>
  );
}

function Person(props: {
  one: Account;
  self: boolean;
  busy: boolean;
  wrong: string | null;
  onGrant: (role: Role, commune: string | null) => void;
  onRevoke: (number: number) => void;
  onDisable: () => void;
  onReset: () => void;
}) {
  const { one, busy } = props;
  const say = useWords({ vi, en });
  const [role, setRole] = useState<Role>("editor");
  const [commune, setCommune] = useState("");
  return (
    <details>
      <summary>
        <b>{one.full_name || one.name}</b> <span>{one.name}</span>
        {one.disabled && <em>{say("disabled")}</em>}
      </summary>
      {one.grants.length === 0 && <p>{say("noRoles")}</p>}
      <ul class="office-grants">
        {one.grants.map((grant) => (
          <li key={grant.id}>
            <span>
              {say(`role.${grant.role as Role}`)} · {grant.commune?.name ?? say("everywhere")}
            </span>
            <button
              type="button"
              class="plain"
              disabled={busy}
              aria-label={say("revokeRole", { role: say(`role.${grant.role as Role}`), name: one.name })}
              onClick={() => props.onRevoke(grant.id)}
            >
              {say("revoke")}
            </button>
          </li>
        ))}
      </ul>
      {!props.self && (
        <>
          <form
            class="fields"
            onSubmit={(event) => {
              event.preventDefault();
              props.onGrant(role, commune.trim() || null);
            }}
          >
            <label>
              {say("role")}
              <select value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
                {ROLES.map((name) => (
                  <option key={name} value={name}>
                    {say(`role.${name}`)}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {say("communeCode")}
              <input inputmode="numeric" placeholder={say("everywhere")} value={commune} onInput={(event) => setCommune(event.currentTarget.value)} />
            </label>
            <button type="submit" class="plain" disabled={busy}>
              {say("grant")}
            </button>
          </form>
          <div class="buttons">
            {one.kind === "person" && (
              <button type="button" class="plain" disabled={busy} onClick={props.onReset}>
                {say("reset")}
              </button>
            )}
            <button type="button" class="plain" disabled={busy} onClick={props.onDisable}>
              {say(one.disabled ? "enable" : "disable")}
            </button>
          </div>
        </>
      )}
      <p class="wrong" role="alert">
        {props.wrong}
      </p>
    </details>
  );
}
