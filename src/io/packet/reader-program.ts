/** Entry of dist/packet-reader.js: the reader thread alone, without the rest of the gateway. */
import { runPacketReaderIfWorker } from "./reader-thread.ts";

runPacketReaderIfWorker();
