import { Title } from "../parts/title.tsx";
import { TokenForm } from "../parts/token-dialog.tsx";

/** Where `api.open_reading` is off. */
export function LockedPage() {
  return (
    <section class="card narrow">
      <Title text="The token is needed" />
      <p>This gateway shows itself only to those who have its token.</p>
      <TokenForm />
    </section>
  );
}
