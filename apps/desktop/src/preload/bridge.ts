import type { BridgeLine, WindowBridge } from '@onefold/control';

/** The part of a MessagePort that a line needs. */
export interface LinePort {
  postMessage(message: string): void;
  close(): void;
  start(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
}

export interface BridgeParts {
  /** Asks the main process for a line of this number. */
  readonly ask: (line: number) => void;
}

export interface Bridge extends Pick<WindowBridge, 'open'> {
  /** The main process gave the line of this number. */
  readonly given: (line: number, port: LinePort) => void;
  /** Every line ended. */
  readonly allEnded: () => void;
}

interface Line {
  readonly message: (text: string) => void;
  readonly ended: () => void;
  /** What the page said before the port was there. */
  readonly early: string[];
  port: LinePort | null;
}

/*
 * A line:   asked --given--> open --(closed by either side, or all ended)--> gone
 *             '-----------------------------------------------------------> gone
 */
export function createBridge({ ask }: BridgeParts): Bridge {
  const lines = new Map<number, Line>();
  let nextLine = 1;

  function end(number: number): void {
    const line = lines.get(number);
    if (line === undefined) return;
    lines.delete(number);
    line.port?.close();
    line.ended();
  }

  function open(message: (text: string) => void, ended: () => void): BridgeLine {
    const number = nextLine++;
    const line: Line = { message, ended, early: [], port: null };
    lines.set(number, line);
    ask(number);
    return {
      send(text) {
        if (typeof text !== 'string' || !lines.has(number)) return;
        if (line.port === null) line.early.push(text);
        else line.port.postMessage(text);
      },
      close: () => end(number),
    };
  }

  function given(number: number, port: LinePort): void {
    const line = lines.get(number);
    if (line === undefined) {
      port.close();
      return;
    }
    line.port = port;
    port.addEventListener('message', ({ data }) => {
      if (typeof data === 'string' && lines.has(number)) line.message(data);
    });
    port.addEventListener('close', () => end(number));
    port.start();
    for (const text of line.early.splice(0)) port.postMessage(text);
  }

  function allEnded(): void {
    for (const number of [...lines.keys()]) end(number);
  }

  return { open, given, allEnded };
}
