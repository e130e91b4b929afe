/** One sentence at the foot of the map: the server is away, the register is empty, nothing here. */
import { useTexts } from "./texts";

export function Notice(props: { text: string | null; urgent: boolean; onClose?: () => void }) {
  const { say } = useTexts();
  return (
    <div class="notice-place" role={props.urgent ? "alert" : "status"}>
      {props.text && (
        <p class={props.urgent ? "notice notice-urgent" : "notice"}>
          <span>{props.text}</span>
          {props.onClose && (
            <button type="button" class="quiet" onClick={props.onClose} aria-label={say("error.dismiss")}>
              ×
            </button>
          )}
        </p>
      )}
    </div>
  );
}
