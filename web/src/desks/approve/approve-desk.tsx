/** The approver's desk. */
import type { DeskProps } from "../desk";

export default function ApproveDesk(_props: DeskProps) {
  return <div class="workdesk-body" />;
}
