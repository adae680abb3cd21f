/** The interface of a device's identity. */
export const identityOf = (mac: string): string => `gw${mac.replaceAll(":", "")}`;
