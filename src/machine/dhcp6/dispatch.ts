/** Which part of the machine an input is for. */
import { beginAttempt } from "./attempts.ts";
import { onDad, onLinkChanged, onMoved, onRetry, release, start } from "./commands.ts";
import { onHeldReply, onHeldTimer } from "./held.ts";
import { age } from "./hold.ts";
import type { Dhcp6Input } from "./interface.ts";
import { type Heard, hear, type Reply } from "./replies.ts";
import { onRequestingReply, onRequestingTimer } from "./requesting.ts";
import { onSolicitingReply, onSolicitingTimer } from "./soliciting.ts";
import { first, ignored, type Main, type Scene, type Transition, to } from "./state.ts";
import { onAskingReply, onAskingTimer, onInformedTimer } from "./stateless.ts";

/** Inputs that end the lease anyway; before all others its addresses are looked through for those that ran out. */
const leaving: ReadonlySet<Dhcp6Input["kind"]> = new Set(["start", "moved", "release"]);

export function dispatch(main: Main, input: Dhcp6Input, scene: Scene): Transition {
  if (!("held" in main) || leaving.has(input.kind)) return onInput(main, input, scene);
  const aged = age(main, scene);
  return first(aged, onInput(aged.main, input, scene));
}

function onInput(main: Main, input: Dhcp6Input, scene: Scene): Transition {
  switch (input.kind) {
    case "start":
      return start(main, input, scene);
    case "timer":
      return onTimer(main, scene);
    case "message":
      return onHeard(main, hear(input.message, main, scene.env), scene);
    case "dad":
      return onDad(main, input, scene);
    case "link-changed":
      return onLinkChanged(main, scene);
    case "moved":
      return onMoved(main, scene);
    case "retry":
      return onRetry(main, scene);
    case "release":
      return release(main, scene);
  }
}

function onTimer(main: Main, scene: Scene): Transition {
  switch (main.tag) {
    case "stopped":
      return to(main);
    case "waiting":
    case "failed":
      return scene.now < main.resumeAt ? to(main) : beginAttempt(main.row, scene);
    case "soliciting":
      return onSolicitingTimer(main, scene);
    case "requesting":
      return onRequestingTimer(main, scene);
    case "asking":
      return onAskingTimer(main, scene);
    case "informed":
      return onInformedTimer(main, scene);
    case "confirming":
    case "bound":
    case "renewing":
    case "rebinding":
    case "reclaiming":
      return onHeldTimer(main, scene);
  }
}

function onHeard(main: Main, heard: Heard, scene: Scene): Transition {
  switch (heard.kind) {
    case "none":
      return to(main);
    case "ignored":
      return ignored(main, heard.reason);
    case "reply":
      return onReply(main, heard.reply, scene);
  }
}

function onReply(main: Main, reply: Reply, scene: Scene): Transition {
  switch (main.tag) {
    case "soliciting":
      return onSolicitingReply(main, reply, scene);
    case "requesting":
      return onRequestingReply(main, reply, scene);
    case "asking":
      return onAskingReply(main, reply, scene);
    case "stopped":
    case "waiting":
    case "failed":
    case "informed":
    case "bound":
      return to(main);
    case "confirming":
    case "renewing":
    case "rebinding":
    case "reclaiming":
      return onHeldReply(main, reply, scene);
  }
}
