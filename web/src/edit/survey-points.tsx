/** Snapping, and measured points to snap to: pasted as they come from the total station's list. */
import { useState } from "preact/hooks";
import { useEditWords } from "./say";
import { pointsTyped } from "./typed";
import type { Point } from "../vn2000";

export function SurveyPoints(props: { survey: readonly Point[]; snapping: boolean; onSnapping: (on: boolean) => void; onSurvey: (points: Point[]) => void }) {
  const say = useEditWords();
  const [text, setText] = useState("");
  const found = pointsTyped(text);
  return (
    <details class="edit-more">
      <summary>{say("snapping.title", { n: props.survey.length })}</summary>
      <label class="edit-check">
        <input type="checkbox" checked={props.snapping} onChange={(event) => props.onSnapping(event.currentTarget.checked)} />
        <span>{say("snapping.on")}</span>
      </label>
      <p class="edit-field edit-field-wide">
        <label for="edit-survey">{say("snapping.survey")}</label>
        <textarea id="edit-survey" rows={4} spellcheck={false} placeholder={say("snapping.hint")} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </p>
      <div class="edit-actions">
        <button
          type="button"
          class="plain"
          disabled={!found.length}
          onClick={() => {
            props.onSurvey([...props.survey, ...found]);
            setText("");
          }}
        >
          {say("snapping.take", { n: found.length })}
        </button>
        {props.survey.length > 0 && (
          <button type="button" class="plain" onClick={() => props.onSurvey([])}>
            {say("snapping.clear")}
          </button>
        )}
      </div>
    </details>
  );
}
