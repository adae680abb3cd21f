import type { ComponentChildren } from "preact";

/** Names and what they are, as a list of terms. */
export function Facts({ children }: { readonly children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Several values beneath each other. */
export function Lines({ of, none = "–" }: { readonly of: readonly string[]; readonly none?: string }) {
  if (of.length === 0) return <>{none}</>;
  return (
    <ul class="lines">
      {of.map((text) => (
        <li key={text}>
          <code>{text}</code>
        </li>
      ))}
    </ul>
  );
}
