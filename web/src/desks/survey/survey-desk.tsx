/** The surveyor's desk. */
import type { DeskProps } from "../desk";

export default function SurveyDesk(_props: DeskProps) {
  return <div class="workdesk-body" />;
}
