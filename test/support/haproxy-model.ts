/** HAProxy as seen through its runtime socket: the commands the gateway uses, and no others; answers as those of 2.6. */

interface ModelServer {
  address: string;
  check: number;
  ready: boolean;
  checked: boolean;
  sessions: number;
}

const header =
  "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change " +
  "srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn " +
  "srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

export class HaproxyModel {
  readonly servers = new Map<string, ModelServer>();
  readonly maps = new Map<string, Map<string, string>>([
    ["haproxy-devices.map", new Map()],
    ["haproxy-ports.map", new Map()],
  ]);
  description = "";
  pid = 101;
  readonly commands: string[] = [];
  /** Looked at after each command. */
  check: () => void = () => {};

  /** One line as it comes over the socket. */
  line(text: string): string {
    return text
      .split(";")
      .map((command) => this.#tell(command))
      .join("");
  }

  #tell(command: string): string {
    this.commands.push(command);
    const answer = this.#answer(command.split(" "));
    this.check();
    return `${answer}\n`;
  }

  #answer(words: readonly string[]): string {
    switch (`${words[0]} ${words[1]}`) {
      case "show servers":
        return this.#showServers();
      case "show map":
        return [...this.#map(words[2])].map(([key, value]) => `0x55d0 ${key} ${value}\n`).join("");
      case "show info":
        return `Name: HAProxy\nVersion: 2.6.12\nPid: ${this.pid}\nCurrConns: 3\ndescription: ${this.description}\n`;
      case "add map":
        return this.#addKey(words);
      case "set map":
        return this.#setKey(words);
      case "del map":
        return this.#map(words[2]).delete(words[3] ?? "") ? "" : "Key not found.\n";
      case "add server":
        return this.#addServer(words);
      case "del server":
        return this.#delServer(words);
      case "enable health":
        this.#server(words[2]).checked = true;
        return "";
      case "shutdown sessions":
        // They end a moment later.
        return this.#server(words[3]) && "";
      case "set server":
        return this.#setServer(words);
      default:
        throw new Error(`HAProxy does not know: ${words.join(" ")}`);
    }
  }

  /** Ends what `shutdown sessions` has told to end. */
  endSessions(): void {
    for (const server of this.servers.values()) if (!server.ready) server.sessions = 0;
  }

  #showServers(): string {
    const rows = [...this.servers].map(
      ([name, s], i) =>
        `3 devices ${i + 1} ${name} ${s.address} 2 ${s.ready ? 0 : 1} 1 1 0 1 0 0 ${s.checked ? 6 : 2} 0 0 0 - 0 - 0 ${s.check} - - 0\n`,
    );
    return `1\n${header}\n${rows.join("")}`;
  }

  #map(name = ""): Map<string, string> {
    const map = this.maps.get(name);
    if (!map) throw new Error(`Unknown map identifier ${name}`);
    return map;
  }

  #addKey([, , map, key = "", value = ""]: readonly string[]): string {
    if (this.#map(map).has(key)) throw new Error(`a second entry for ${key} in ${map}`);
    this.#map(map).set(key, value);
    return "";
  }

  #setKey([, , map, key = "", value = ""]: readonly string[]): string {
    if (!this.#map(map).has(key)) return "entry not found.\n";
    this.#map(map).set(key, value);
    return "";
  }

  #server(path = ""): ModelServer {
    const server = this.servers.get(path.replace("devices/", ""));
    if (!server) throw new Error(`No such server ${path}`);
    return server;
  }

  #addServer([, , path = "", address = "", ...options]: readonly string[]): string {
    const name = path.replace("devices/", "");
    if (this.servers.has(name)) return "Already exists a server with the same name in backend.\n";
    const check = Number(options[options.indexOf("port") + 1]);
    this.servers.set(name, { address, check, ready: false, checked: false, sessions: 0 });
    return "New server registered.\n";
  }

  #delServer([, , path = ""]: readonly string[]): string {
    const server = this.#server(path);
    if (server.ready) return "Only servers in maintenance mode can be deleted.\n";
    if (server.sessions > 0) return "Server still has connections attached to it, cannot remove it.\n";
    this.servers.delete(path.replace("devices/", ""));
    return "Server deleted.\n";
  }

  #setServer([, , path, what, value = ""]: readonly string[]): string {
    const server = this.#server(path);
    if (what === "addr") server.address = value;
    else if (what === "check-port") server.check = Number(value);
    else if (what === "state") server.ready = value === "ready";
    else throw new Error(`HAProxy does not know: set server ${what}`);
    return "";
  }
}
