import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface DialogProps {
  readonly heading: string;
  /** Called when it is closed without an answer, also with the Escape key. */
  readonly onCancel: () => void;
  readonly children: ComponentChildren;
}

/** Modal for as long as it is rendered; the browser keeps the focus inside, and then it is where it was. */
export function Dialog({ heading, onCancel, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Not after the next paint: until then the focus would be nowhere, and what is typed lost.
  useLayoutEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      // It may be out of the page already, and gives no focus back then.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 id={id}>{heading}</h2>
      {children}
    </dialog>
  );
}
