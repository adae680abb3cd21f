import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

/** The heading of a page, which also names the tab. Navigation puts the focus here. */
export function Title({ text, children }: { readonly text: string; readonly children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${text} – IPv4-IPv6 gateway`;
  }, [text]);
  return (
    <h1 tabIndex={-1}>
      {text}
      {children}
    </h1>
  );
}
