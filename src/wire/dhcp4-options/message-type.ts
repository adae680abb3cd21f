import { invalid, valid } from "../../base/parsed.ts";
import { type MessageType, messageTypes } from "../dhcp4/message.ts";
import { u8 } from "../option-shapes.ts";
import { option } from "./shapes.ts";

const names = new Map(Object.entries(messageTypes).map(([name, n]) => [n as number, name as MessageType]));

/** Option 53, what the message is (RFC 2132 section 9.6). Types above 8 (lease query and others) are errors. */
export const messageType = option<MessageType>(53, {
  parse(bytes) {
    const number = u8.parse(bytes);
    if (!number.ok) return number;
    const name = names.get(number.value);
    return name === undefined ? invalid(`unknown message type ${number.value}`) : valid(name);
  },
  emit: (name) => u8.emit(messageTypes[name]),
});
