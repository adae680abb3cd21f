import { checked, u32 } from "../option-shapes.ts";

const least = 60;
const most = 86_400;

/** Seconds; a client has to ignore what is out of these bounds (RFC 8415 sections 21.24 and 21.25). */
export const maxRt = checked(u32, (seconds) =>
  seconds < least || seconds > most ? `${seconds} is not between ${least} and ${most}` : undefined,
);
