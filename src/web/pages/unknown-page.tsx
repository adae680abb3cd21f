import { Title } from "../parts/title.tsx";
import { devicesLink } from "../routes.ts";

export function UnknownPage() {
  return (
    <>
      <Title text="There is no such page" />
      <p>
        <a href={devicesLink}>All devices</a>
      </p>
    </>
  );
}
