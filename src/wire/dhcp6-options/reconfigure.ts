import { messageTypes6 } from "../dhcp6/message.ts";
import { checked, u8 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

const answers: readonly number[] = [
  messageTypes6.renew,
  messageTypes6.rebind,
  messageTypes6["information-request"],
];

/** Option 19, the type of the message that a RECONFIGURE asks for (RFC 8415 section 21.19). */
export const reconfigure = option(
  19,
  checked(u8, (type) => (answers.includes(type) ? undefined : `${type} is not ${answers.join(", ")}`)),
);
