/** The fixed part of a DHCPv4 message (RFC 2131 section 2), as far as both codecs need it. */

export const magicCookie = 0x63825363;
export const hardwareEthernet = 1;
export const chaddrLength = 16;
export const macLength = 6;
export const snameLength = 64;
export const fileLength = 128;
export const broadcastFlag = 0x8000;
