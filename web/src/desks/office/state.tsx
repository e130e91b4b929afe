/** The sentence in place of what is not there: it is being read, it failed, there is nothing. */
import { useWords } from "../../words";
import type { Heard } from "./use-told";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

export function State(props: { of: Heard<unknown>; none?: string | false | null }) {
  const say = useWords({ vi, en });
  const { told, wrong, again } = props.of;
  if (wrong)
    return (
      <div class="wrong" role="alert">
        <p>{wrong}</p>
        <button type="button" class="plain" onClick={again}>
          {say("retry")}
        </button>
      </div>
    );
  if (!told) return <p role="status">{say("reading")}</p>;
  return props.none ? <p class="none-found">{props.none}</p> : null;
}
